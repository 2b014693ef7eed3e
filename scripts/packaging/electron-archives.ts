import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectRoot } from '../run-step.ts';
import type { Configuration, System } from './builder.ts';

const names: Readonly<Record<System, string>> = { linux: 'linux', mac: 'darwin', win: 'win32' };

/** The archives of Electron that the packages of these systems are made from, one for each processor. */
export function neededArchives(configuration: Configuration, wanted: readonly System[]): string[] {
  const { version } = JSON.parse(readFileSync(join(projectRoot, 'node_modules/electron/package.json'), 'utf8')) as { version: string };
  const archives = wanted.flatMap((system) =>
    configuration[system].target
      .flatMap(({ arch }) => arch)
      .flatMap((arch) => (arch === 'universal' ? ['x64', 'arm64'] : [arch]))
      .map((arch) => `electron-v${version}-${names[system]}-${arch}.zip`),
  );
  return [...new Set(archives)];
}

/** Those of `archives` that are nowhere in the folders. */
export function missingArchives(archives: readonly string[], folders: readonly string[]): string[] {
  const present = folders
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => basename(path)));
  return archives.filter((archive) => !present.includes(archive));
}

/** The systems that electron-builder's own options name; without any, the one this runs on. */
export function wantedSystems(words: readonly string[], platform: NodeJS.Platform = process.platform): System[] {
  const flags: readonly (readonly [System, readonly string[]])[] = [
    ['linux', ['--linux', '-l']],
    ['mac', ['--mac', '--macos', '-m', '-o']],
    ['win', ['--win', '--windows', '-w']],
  ];
  const named = flags.filter(([, forms]) => words.some((word) => forms.includes(word))).map(([system]) => system);
  if (named.length > 0) return named;
  return [platform === 'darwin' ? 'mac' : platform === 'win32' ? 'win' : 'linux'];
}
