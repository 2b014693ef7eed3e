// npm run dist:daemon [-- --arch x64|arm64]: what is installed on servers, Node inside. Writes
// dist/daemon/mcos_VERSION_ARCH.deb (where there is dpkg-deb) and dist/daemon/mcos_VERSION_ARCH.tar.gz.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildDebianPackage } from './daemon/debian-package.ts';
import { layOut } from './daemon/installed-tree.ts';
import { daemonTargets, type DaemonTarget } from './daemon/target.ts';
import { projectRoot } from './run-step.ts';

const outDirectory = join(projectRoot, 'dist/daemon');

async function build(target: DaemonTarget): Promise<void> {
  const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as { version: string };
  const stage = join(projectRoot, 'dist', `.daemon-${target.debian}`);
  const name = `mcos_${version}_${target.debian}`;
  await rm(stage, { recursive: true, force: true });
  await mkdir(outDirectory, { recursive: true });
  try {
    const tree = join(stage, `mcos-${version}`);
    await mkdir(tree, { recursive: true });
    await layOut(tree, target, version);
    // Whatever the umask of whoever builds.
    execFileSync('chmod', ['-R', 'u=rwX,go=rX', tree]);
    const archive = join(outDirectory, `${name}.tar.gz`);
    execFileSync('tar', ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '-czf', archive, '-C', stage, `mcos-${version}`]);
    await tell(archive);
    if (spawnSync('dpkg-deb', ['--version']).status !== 0) {
      console.log('left out: the .deb, because there is no dpkg-deb here');
      return;
    }
    const outFile = join(outDirectory, `${name}.deb`);
    await buildDebianPackage({ tree, stage: join(stage, 'debian'), target, version, outFile });
    await tell(outFile);
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

async function tell(path: string): Promise<void> {
  console.log(`${path}  ${((await stat(path)).size / 2 ** 20).toFixed(1)} MiB`);
}

const { values } = parseArgs({ options: { arch: { type: 'string', default: process.arch } } });
const target = daemonTargets.find(({ node }) => node === values.arch);
if (target === undefined) {
  console.error(`--arch: "${values.arch}" is none of ${daemonTargets.map(({ node }) => node).join(', ')}.`);
  process.exitCode = 2;
} else await build(target);
