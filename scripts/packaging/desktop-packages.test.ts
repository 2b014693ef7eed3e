import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../run-step.ts';
import { placeKeytar, prebuiltKeytar } from './keytar-binary.mjs';

interface Target {
  readonly target: string;
  readonly arch: readonly string[];
}
interface Configuration {
  /** As electron-builder has read it: one set. */
  readonly files: readonly { readonly filter: readonly string[] }[];
  readonly beforePack: string;
  readonly electronFuses: Record<string, boolean>;
  readonly protocols: readonly { schemes: readonly string[] }[];
  readonly linux: { target: readonly Target[]; icon: string };
  readonly mac: { target: readonly Target[]; icon: string };
  readonly win: { target: readonly Target[]; icon: string };
  readonly deb: { depends: readonly string[] };
  readonly npmRebuild: boolean;
}

interface Builder {
  getConfig(projectDirectory: string, file: string | null, request: unknown): Promise<Configuration>;
  validateConfiguration(configuration: unknown, log: { isEnabled: boolean; add: () => void }): Promise<void>;
}

const text = readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8');
// The part of electron-builder that reads and judges a configuration; it is not among its exports.
const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder'))(
  'app-builder-lib/out/util/config/config.js',
) as Builder;
const effective = await builder.getConfig(projectRoot, null, null);

describe("the desktop app's packages", () => {
  it('are described in a form that electron-builder takes, which is what it finds by itself', async () => {
    await builder.validateConfiguration(effective, { isEnabled: false, add: () => undefined });
    const { files, ...rest } = parse(text) as { files: string[] };
    expect(effective).toMatchObject(rest);
    expect(effective.files).toEqual([{ filter: files }]);
    await expect(builder.validateConfiguration({ ...effective, unheardOf: 1 }, { isEnabled: false, add: () => undefined })).rejects.toThrow(
      'unheardOf',
    );
  });

  it('are for every system and processor', () => {
    const targets = (['linux', 'mac', 'win'] as const).flatMap((system) =>
      effective[system].target.flatMap(({ target, arch }) => arch.map((one) => `${system} ${target} ${one}`)),
    );
    expect(targets).toEqual([
      ...['AppImage', 'deb', 'rpm'].flatMap((target) => [`linux ${target} x64`, `linux ${target} arm64`]),
      'mac dmg universal',
      'win nsis x64',
      'win nsis arm64',
    ]);
  });

  it('have every fuse set that takes a power away', () => {
    expect(effective.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('hold the bundle, the page and keytar, and no Node of their own', () => {
    const patterns = effective.files.flatMap(({ filter }) => filter);
    expect(patterns[0]).toBe('!**/*');
    expect(patterns.filter((pattern) => pattern.startsWith('node_modules/') && !pattern.startsWith('node_modules/keytar/'))).toEqual([]);
    expect(effective.npmRebuild).toBe(false);
    const { main } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { main: string };
    expect(main).toBe('dist/desktop/main/index.js');
  });

  it('open mcos:// links, need the library of the keychain, and have their icons', () => {
    expect(effective.protocols[0]?.schemes).toEqual(['mcos']);
    expect(effective.deb.depends).toContain('libsecret-1-0');
    for (const icon of [effective.mac.icon, effective.win.icon, `${effective.linux.icon}/512x512.png`])
      expect(existsSync(join(projectRoot, icon))).toBe(true);
  });
});

describe("keytar's binary", () => {
  it('is there for every target, as a program of that system', () => {
    const magic = (platform: string, arch: string): string => readFileSync(prebuiltKeytar(platform, arch)).subarray(0, 4).toString('hex');
    for (const arch of ['x64', 'arm64']) {
      expect(magic('linux', arch)).toBe('7f454c46');
      expect(magic('darwin', arch)).toBe('cffaedfe');
      expect(magic('win32', arch).slice(0, 4)).toBe('4d5a');
    }
    expect(readFileSync(prebuiltKeytar('linux', 'arm64')).readUInt16LE(18)).toBe(183);
    expect(readFileSync(prebuiltKeytar('linux', 'x64')).readUInt16LE(18)).toBe(62);
    expect(() => prebuiltKeytar('linux', 'sparc')).toThrow('no binary');
  });

  it('is put where keytar looks, whatever the building machine has there', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mcos-keytar-'));
    try {
      await mkdir(join(directory, 'prebuilds/win32-arm64'), { recursive: true });
      await mkdir(join(directory, 'build/Release'), { recursive: true });
      await writeFile(join(directory, 'prebuilds/win32-arm64/any.node'), 'target');
      await writeFile(join(directory, 'build/Release/keytar.node'), 'host');
      placeKeytar('win32', 'arm64', directory);
      expect(await readFile(join(directory, 'build/Release/keytar.node'), 'utf8')).toBe('target');
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
