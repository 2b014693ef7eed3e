import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectRoot } from '../run-step.ts';
import { binaryKind, pngSize } from './binary-kind.ts';
import { readConfiguration, validateConfiguration } from './builder.ts';
import { checkPackages, entryProblem } from './check-packages.ts';
import { missingArchives, neededArchives, wantedSystems } from './electron-archives.ts';
import { placeKeytar, prebuiltKeytar } from './keytar-binary.mjs';

const text = readFileSync(join(projectRoot, 'electron-builder.yml'), 'utf8');
const effective = await readConfiguration();

describe("the desktop app's packages", () => {
  it('are described in a form that electron-builder takes, which is what it finds by itself', async () => {
    await validateConfiguration(effective);
    const { files, ...rest } = parse(text) as { files: string[] };
    expect(effective).toMatchObject(rest);
    expect(effective.files).toEqual([{ filter: files }]);
    await expect(validateConfiguration({ ...effective, unheardOf: 1 })).rejects.toThrow('unheardOf');
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

  it('open mcos:// links, and need the library of the keychain', () => {
    expect(effective.protocols[0]?.schemes).toEqual(['mcos']);
    expect(effective.deb.depends).toContain('libsecret-1-0');
  });

  it('pass every check that needs no Electron: binaries, icons, desktop entry, what goes in', async () => {
    const findings = await checkPackages('not-built');
    expect(findings.filter(({ problem }) => problem !== null)).toEqual([]);
    const whats = findings.map(({ what }) => what).join('\n');
    for (const part of [
      'AppImage x64',
      'rpm arm64',
      'dmg x64+arm64',
      'nsis arm64',
      'desktop entry',
      'package mcos-desktop',
      'what goes in',
    ])
      expect(whats).toContain(part);
  });

  it('have a desktop entry that starts the app and opens links, or the check says which line is missing', () => {
    expect(entryProblem('[Desktop Entry]\nType=Application')).toContain('StartupWMClass=mcos-desktop');
  });
});

describe('what has to be fetched', () => {
  it('is one archive of Electron for each processor of the systems that are asked for', () => {
    expect(neededArchives(effective, ['linux', 'mac']).map((name) => name.replace(/^electron-v[\d.]+-/, ''))).toEqual([
      'linux-x64.zip',
      'linux-arm64.zip',
      'darwin-x64.zip',
      'darwin-arm64.zip',
    ]);
    expect(wantedSystems(['--x64'], 'linux')).toEqual(['linux']);
    expect(wantedSystems(['--win', 'nsis', '-m'], 'linux')).toEqual(['mac', 'win']);
  });

  it('is missing until it is somewhere in the folders', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'mcos-archives-'));
    try {
      expect(missingArchives(['a.zip', 'b.zip'], [join(directory, 'none'), directory])).toEqual(['a.zip', 'b.zip']);
      await mkdir(join(directory, 'hash'));
      await writeFile(join(directory, 'hash', 'a.zip'), '');
      expect(missingArchives(['a.zip', 'b.zip'], [directory])).toEqual(['b.zip']);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

describe("keytar's binary", () => {
  it('is told apart by system and processor, and a PNG by its size', () => {
    for (const kind of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64']) {
      const [platform = '', arch = ''] = kind.split('-');
      expect(binaryKind(readFileSync(prebuiltKeytar(platform, arch)))).toBe(kind);
    }
    expect(() => prebuiltKeytar('linux', 'sparc')).toThrow('no binary');
    const icon = readFileSync(join(projectRoot, 'resources/icons/64x64.png'));
    expect([binaryKind(icon), pngSize(icon), pngSize(readFileSync(prebuiltKeytar('linux', 'x64')))]).toEqual([
      null,
      { width: 64, height: 64 },
      null,
    ]);
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
