import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Installation {
  /** Absolute. The pages are below it, in `dist/pages`. */
  readonly root: string;
  readonly version: string;
}

let known: Installation | undefined;

/**
 * Where this release is installed: the nearest folder above this file whose package.json is ours. A checkout,
 * the daemon's package and the desktop app lie at different depths, and bundles merge files, so nothing is
 * found by counting folders.
 */
export function installation(): Installation {
  known ??= findInstallation(dirname(fileURLToPath(import.meta.url)));
  return known;
}

function findInstallation(start: string): Installation {
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (existsSync(path)) {
      const manifest = JSON.parse(readFileSync(path, 'utf8')) as { name?: unknown; version?: unknown };
      if (manifest.name === 'mcos' && typeof manifest.version === 'string') return { root: folder, version: manifest.version };
    }
    if (dirname(folder) === folder) throw new Error(`no package.json of mcos lies above ${start}: the installation is incomplete`);
  }
}
