import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../run-step.ts';
import type { DaemonTarget } from './target.ts';

/**
 * The Node of the pinned version for `target`: what `npm ci` installed, if it is this machine's kind, else
 * npm's package of the same version, fetched once into node_modules/.cache.
 */
export function pinnedNode(target: DaemonTarget): string {
  const name = `node-linux-${target.node}`;
  const installed = join(projectRoot, 'node_modules', name, 'bin/node');
  if (existsSync(installed)) return installed;
  const version = pinnedVersion(name);
  const cache = join(projectRoot, 'node_modules/.cache/daemon', `${name}-${version}`);
  const binary = join(cache, 'package/bin/node');
  if (existsSync(binary)) return binary;
  mkdirSync(cache, { recursive: true });
  console.error(`Fetching ${name} ${version} ...`);
  execFileSync('npm', ['pack', '--silent', '--pack-destination', cache, `${name}@${version}`], { cwd: cache, stdio: 'pipe' });
  const archive = readdirSync(cache).find((file) => file.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm fetched nothing for ${name}@${version}`);
  execFileSync('tar', ['-xzf', archive, 'package/bin/node'], { cwd: cache });
  return binary;
}

function pinnedVersion(name: string): string {
  const { optionalDependencies } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')) as {
    optionalDependencies: Record<string, string>;
  };
  const version = optionalDependencies[name];
  if (version === undefined) throw new Error(`package.json pins no ${name}`);
  return version;
}
