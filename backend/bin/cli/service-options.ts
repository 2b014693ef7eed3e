import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { installation } from '../installation.ts';
import type { LogLevel } from '../log-level.ts';
import { usageError } from './command-error.ts';

const levels: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

export function parseLogLevel(text: string): LogLevel {
  const level = levels.find((name) => name === text);
  if (level === undefined) throw usageError(`--log-level: "${text}" is none of ${levels.join(', ')}.`);
  return level;
}

/** Where the built pages are; undefined when they have not been built. MCOS_PAGES overrides the place. */
export async function pagesDirectory(page: 'console' | 'dashboard'): Promise<string | undefined> {
  const root = process.env.MCOS_PAGES ?? join(installation().root, 'dist/pages');
  const directory = join(root, page);
  return access(join(directory, 'index.html')).then(
    () => directory,
    () => undefined,
  );
}
