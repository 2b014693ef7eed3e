import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../../scripts/run-step.ts';

/** What electron-builder has made of the app, Electron itself apart. */
export interface PackedApp {
  /** Every file in the archive, with a leading slash. */
  readonly files: readonly string[];
  /** The archive's content in a folder, native modules included. */
  readonly root: string;
  /** The states of the fuses as they stand in the program: `0` or `1` each, in Electron's order. */
  readonly fuses: string;
}

const fuseMark = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseCount = 8;

/**
 * Packs the built app for this machine by electron-builder.yml, with a stand-in for Electron's files: its binary is
 * nothing but the place where fuses are set.
 */
export async function packApp(directory: string): Promise<PackedApp> {
  const electron = join(directory, 'electron');
  await mkdir(join(electron, 'locales'), { recursive: true });
  await mkdir(join(electron, 'resources'));
  await writeFile(join(electron, 'locales/en-US.pak'), '');
  await writeFile(join(electron, 'chrome-sandbox'), '');
  const states = Buffer.concat([Buffer.from([1, fuseCount]), Buffer.from('1'.repeat(fuseCount))]);
  await writeFile(join(electron, 'electron'), Buffer.concat([Buffer.alloc(64), Buffer.from(fuseMark), states, Buffer.alloc(64)]), {
    mode: 0o755,
  });
  const out = join(directory, 'out');
  const words = [
    '--publish',
    'never',
    '--linux',
    'dir',
    `--${process.arch}`,
    `-c.electronDist=${electron}`,
    `-c.directories.output=${out}`,
  ];
  await promisify(execFile)(process.execPath, [join(projectRoot, 'node_modules/electron-builder/cli.js'), ...words], { cwd: projectRoot });
  const unpacked = join(out, process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);

  const load = createRequire(createRequire(createRequire(import.meta.url).resolve('electron-builder')).resolve('app-builder-lib'));
  const asar = load('@electron/asar') as { listPackage(file: string): string[]; extractAll(file: string, folder: string): void };
  const archive = join(unpacked, 'resources/app.asar');
  const root = join(directory, 'app');
  asar.extractAll(archive, root);
  const program = await readFile(join(unpacked, 'mcos-desktop'));
  const fusesAt = program.indexOf(fuseMark) + fuseMark.length + 2;
  return { files: asar.listPackage(archive), root, fuses: program.toString('latin1', fusesAt, fusesAt + fuseCount) };
}
