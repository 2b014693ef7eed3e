import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../run-step.ts';
import { installedSizeKib } from './installed-size.ts';
import type { DaemonTarget } from './target.ts';

const maintainerScripts = ['postinst', 'prerm', 'postrm'];

/** Turns an installed tree (it is moved) into `outFile`, a Debian package. Needs dpkg-deb. */
export async function buildDebianPackage(options: {
  tree: string;
  stage: string;
  target: DaemonTarget;
  version: string;
  outFile: string;
}): Promise<void> {
  const { tree, stage, target, version, outFile } = options;
  await rm(stage, { recursive: true, force: true });
  for (const folder of ['usr/bin', 'usr/lib', 'usr/share/doc', 'lib/systemd/system', 'etc/mcos'])
    await mkdir(join(stage, folder), { recursive: true });
  await rename(tree, join(stage, 'usr/lib/mcos'));
  await rename(join(stage, 'usr/lib/mcos/doc'), join(stage, 'usr/share/doc/mcos'));
  const system = join(stage, 'usr/lib/mcos/system');
  for (const unit of ['mcos-controller.service', 'mcos-node.service'])
    await rename(join(system, unit), join(stage, 'lib/systemd/system', unit));
  for (const settings of ['controller.env', 'node.env']) {
    await rename(join(system, settings), join(stage, 'etc/mcos', settings));
    // May hold a token or a first password.
    await chmod(join(stage, 'etc/mcos', settings), 0o600);
  }
  await rm(system, { recursive: true });
  await symlink('../lib/mcos/bin/mcos', join(stage, 'usr/bin/mcos'));
  const sizeKib = await installedSizeKib(stage);
  // What describes the package is not installed.
  await mkdir(join(stage, 'DEBIAN'));
  await writeFile(join(stage, 'DEBIAN/control'), control(version, target, sizeKib));
  await writeFile(join(stage, 'DEBIAN/conffiles'), '/etc/mcos/controller.env\n/etc/mcos/node.env\n');
  for (const script of maintainerScripts) {
    await cp(join(projectRoot, 'resources/daemon/debian', script), join(stage, 'DEBIAN', script));
    await chmod(join(stage, 'DEBIAN', script), 0o755);
  }
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', stage, outFile], { stdio: ['ignore', 'ignore', 'inherit'] });
}

function control(version: string, target: DaemonTarget, sizeKib: number): string {
  return [
    'Package: mcos',
    `Version: ${version}`,
    `Architecture: ${target.debian}`,
    `Installed-Size: ${sizeKib}`,
    'Section: admin',
    'Priority: optional',
    'Maintainer: The MCOS maintainers <maintainers@mcos.invalid>',
    'Depends: adduser, libc6 (>= 2.28), libstdc++6',
    'Description: one namespace of objects over many independent clouds',
    ' Controller Service and Cloud Service of MCOS with the Node that they run on: names in three rings,',
    ' objects over S3, and a dashboard for end users.',
    '',
  ].join('\n');
}
