import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './run-step.ts';

/**
 * The binary of Electron on this disk, or null. The package `electron` is never loaded for that: outside of Electron
 * that starts a download.
 */
export function findElectron(
  environment: NodeJS.ProcessEnv = process.env,
  packageDirectory = join(projectRoot, 'node_modules/electron'),
): string | null {
  const present = (path: string | undefined): string | null => (path !== undefined && existsSync(path) ? path : null);
  const { ELECTRON_EXEC_PATH: given, ELECTRON_OVERRIDE_DIST_PATH: folder } = environment;
  if (given !== undefined && given !== '') return present(given);
  const named = join(packageDirectory, 'path.txt');
  const file = existsSync(named) ? readFileSync(named, 'utf8').trim() : undefined;
  if (folder !== undefined && folder !== '') return present(join(folder, file ?? 'electron'));
  return file === undefined ? null : present(join(packageDirectory, 'dist', file));
}
