import { chmod, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';
import { ensurePages } from '../build-pages.ts';
import { daemonBundle } from '../bundle/daemon-bundle.ts';
import { projectRoot } from '../run-step.ts';
import { pinnedNode } from './pinned-node.ts';
import type { DaemonTarget } from './target.ts';

/**
 * Lays out in `directory` what an installation consists of: `bin/mcos`, `bin/node`, `program/`, the built pages,
 * the documents, and under `system/` the units and settings for whoever installs by hand.
 */
export async function layOut(directory: string, target: DaemonTarget, version: string): Promise<void> {
  await ensurePages();
  await build(daemonBundle(join(directory, 'program')));
  for (const folder of ['bin', 'dist', 'system', 'doc']) await mkdir(join(directory, folder), { recursive: true });
  await copyExecutable(pinnedNode(target), join(directory, 'bin/node'));
  await copyExecutable(join(projectRoot, 'resources/daemon/mcos'), join(directory, 'bin/mcos'));
  await cp(join(projectRoot, 'dist/pages'), join(directory, 'dist/pages'), { recursive: true });
  for (const file of ['mcos-controller.service', 'mcos-node.service', 'controller.env', 'node.env'])
    await cp(join(projectRoot, 'resources/daemon', file), join(directory, 'system', file));
  // As they lie in the source: they point to each other.
  for (const name of ['LICENSE', 'README.md', 'docs']) await cp(join(projectRoot, name), join(directory, 'doc', name), { recursive: true });
  // By this file the program finds its own folder; it is also what tells Node that these are modules.
  const manifest = { name: 'mcos', version, type: 'module', license: 'Apache-2.0' };
  await writeFile(join(directory, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function copyExecutable(from: string, to: string): Promise<void> {
  await writeFile(to, await readFile(from));
  await chmod(to, 0o755);
}
