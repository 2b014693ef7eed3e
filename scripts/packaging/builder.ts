import { createRequire } from 'node:module';
import { projectRoot } from '../run-step.ts';

/** One kind of package for some processors. */
export interface Target {
  readonly target: string;
  readonly arch: readonly string[];
}

/** electron-builder.yml as electron-builder has read it, as far as the checks look at it. */
export interface Configuration {
  readonly files: readonly { readonly filter: readonly string[] }[];
  readonly beforePack: string;
  readonly electronFuses: Readonly<Record<string, boolean>>;
  readonly protocols: readonly { readonly schemes: readonly string[] }[];
  readonly linux: { readonly target: readonly Target[]; readonly icon: string };
  readonly mac: { readonly target: readonly Target[]; readonly icon: string };
  readonly win: { readonly target: readonly Target[]; readonly icon: string };
  readonly deb: { readonly depends: readonly string[] };
  readonly npmRebuild: boolean;
}

/** What a Linux package says of itself. */
export interface PackageDescription {
  readonly name: string;
  readonly maintainer: string;
  readonly url: string;
}

interface PlatformPackager {
  readonly platformSpecificBuildOptions: unknown;
}
interface Packager {
  validateConfig(): Promise<void>;
  createHelper(platform: unknown): Promise<PlatformPackager>;
}
interface Library {
  readonly Packager: new (options: unknown) => Packager;
  readonly Platform: Record<'LINUX', { createTarget(types: readonly string[], ...archs: unknown[]): unknown }>;
  readonly Arch: Record<'x64' | 'arm64', unknown>;
}
interface LinuxHelper {
  computeDesktopEntry(options: unknown): Promise<string>;
}
interface FileMatcher {
  createFilter(): (path: string, stat: { isDirectory(): boolean; isFile(): boolean }) => boolean;
}

// The parts that read and judge a configuration are not among electron-builder's exports.
const load = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const configuration = load('app-builder-lib/out/util/config/config.js') as {
  getConfig(projectDirectory: string, file: string | null, request: unknown): Promise<Configuration>;
  validateConfiguration(configuration: unknown, log: { isEnabled: boolean; add: () => void }): Promise<void>;
};

export const systems = ['linux', 'mac', 'win'] as const;
export type System = (typeof systems)[number];

/** The configuration in effect: electron-builder finds the file by itself. */
export function readConfiguration(): Promise<Configuration> {
  return configuration.getConfig(projectRoot, null, null);
}

/** Throws, naming the place, when electron-builder does not take it. */
export function validateConfiguration(given: unknown): Promise<void> {
  return configuration.validateConfiguration(given, { isEnabled: false, add: () => undefined });
}

/** What electron-builder makes of the Linux packages before it needs Electron. Throws when something is missing. */
export async function describeLinuxPackages(): Promise<{
  readonly desktopEntry: string;
  readonly packages: Readonly<Record<'deb' | 'rpm', PackageDescription>>;
  /** Whether a file of the project is packed. */
  readonly takes: (path: string) => boolean;
}> {
  const { Packager, Platform, Arch } = load('app-builder-lib') as Library;
  const packager = new Packager({
    targets: Platform.LINUX.createTarget(['deb', 'rpm'], Arch.x64),
    projectDir: projectRoot,
    publish: 'never',
  });
  await packager.validateConfig();
  const platform = await packager.createHelper(Platform.LINUX);
  const { LinuxTargetHelper } = load('app-builder-lib/out/targets/LinuxTargetHelper.js') as {
    LinuxTargetHelper: new (packager: PlatformPackager) => LinuxHelper;
  };
  const { default: FpmTarget } = load('app-builder-lib/out/targets/FpmTarget.js') as {
    default: new (
      name: string,
      packager: PlatformPackager,
      helper: LinuxHelper,
      out: string,
    ) => {
      computeFpmMetaInfoOptions(): Promise<PackageDescription>;
    };
  };
  const helper = new LinuxTargetHelper(platform);
  const describe = (name: string): Promise<PackageDescription> =>
    new FpmTarget(name, platform, helper, projectRoot).computeFpmMetaInfoOptions();
  return {
    desktopEntry: await helper.computeDesktopEntry(platform.platformSpecificBuildOptions),
    packages: { deb: await describe('deb'), rpm: await describe('rpm') },
    takes: filterOf(platform),
  };
}

/** Where electron-builder keeps what it has fetched. */
export function downloadFolders(): string[] {
  const { defaultElectronGetCacheRoot, getCacheDirectory } = load('app-builder-lib/out/util/electronGet.js') as {
    defaultElectronGetCacheRoot(): string;
    getCacheDirectory(options: { allowEnvVarOverride: boolean }): string;
  };
  return [defaultElectronGetCacheRoot(), getCacheDirectory({ allowEnvVarOverride: true })];
}

function filterOf(platform: PlatformPackager): (path: string) => boolean {
  const { getMainFileMatchers } = load('app-builder-lib/out/fileMatcher.js') as {
    getMainFileMatchers(
      from: string,
      to: string,
      expand: (text: string) => string,
      options: unknown,
      packager: PlatformPackager,
      out: string,
      compiled: boolean,
    ): FileMatcher[];
  };
  const root = projectRoot.replace(/[\\/]$/, '');
  const same = (text: string): string => text;
  const matchers = getMainFileMatchers(root, root, same, platform.platformSpecificBuildOptions, platform, `${root}/dist/packages`, false);
  const filters = matchers.map((matcher) => matcher.createFilter());
  const file = { isDirectory: () => false, isFile: () => true };
  return (path) => filters.some((filter) => filter(`${root}/${path}`, file));
}
