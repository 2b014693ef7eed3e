import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { usageError, type CommandError } from './cli/command-error.ts';

/** What a process was started with, beside its data, so that `--data DIR` alone starts it again. Holds no secret. */
export interface StartOptionsFile<T> {
  /** Nothing before the first start. Throws a usage error when the file is not as it was written: people edit it. */
  read(): Promise<Partial<T>>;
  write(options: T): Promise<void>;
}

const fileName = 'start-options.json';

export function startOptionsFile<T extends object>(dataDirectory: string): StartOptionsFile<T> {
  const path = join(dataDirectory, fileName);
  return {
    read: async () => {
      try {
        return optionsIn<T>(path, await readFile(path, 'utf8'));
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
        throw error;
      }
    },
    write: async (options) => writeDurably(path, `${JSON.stringify({ format: 1, options }, null, 2)}\n`),
  };
}

function optionsIn<T>(path: string, text: string): Partial<T> {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (error) {
    throw unusable(path, `is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isObject(stored) || stored.format !== 1) throw unusable(path, 'does not say "format": 1, the one that this release reads');
  const { options } = stored;
  if (!isObject(options)) throw unusable(path, 'has no "options"');
  for (const [name, value] of Object.entries(options))
    if (!isOption(value)) throw unusable(path, `has ${JSON.stringify(value)} as "${name}", where a text in quotes is expected`);
  return options as Partial<T>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOption(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((entry) => typeof entry === 'string');
  return typeof value === 'string' || typeof value === 'boolean';
}

function unusable(path: string, what: string): CommandError {
  return usageError(
    `${path}, where the options of earlier starts are remembered, ${what}. Mend it (behind the last line of a list stands no comma), or delete it and give all options anew.`,
  );
}

/** Writes beside the target, flushes, renames and flushes the directory: after a power cut there is the old text or the new one. Mode 0600. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(join(path, '..'), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
