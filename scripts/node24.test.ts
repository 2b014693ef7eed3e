import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const launcher = new URL('./node24.mjs', import.meta.url).pathname;

describe('node24.mjs', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'mcos-node24-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  async function launch(name: string, code: string) {
    const script = join(directory, name);
    await writeFile(script, code);
    return spawn(process.execPath, [launcher, script], { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  it('ends with the exit code of the script, which runs on Node 24', async () => {
    const child = await launch('code.mjs', 'process.exit(Number(process.versions.node.split(".")[0]) >= 24 ? 7 : 1);');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('passes %s on and lets the script end in its own way', async (signal) => {
    const child = await launch(
      'stop.mjs',
      `process.on('${signal}', () => process.exit(5)); setInterval(() => undefined, 1000); console.log('ready');`,
    );
    await once(child.stdout, 'data');
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([5, null]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('ends by %s when the script did', async (signal) => {
    const child = await launch('die.mjs', `process.kill(process.pid, '${signal}'); setInterval(() => undefined, 1000);`);
    expect(await once(child, 'exit')).toEqual([null, signal]);
  });

  it('stops the script when the shell that npm put in between dies of a signal', async () => {
    const script = join(directory, 'orphan.mjs');
    await writeFile(
      script,
      "process.on('SIGTERM', () => { console.log('stopped'); process.exit(); }); setInterval(() => undefined, 1000); console.log('ready');",
    );
    // The second command keeps the shell from becoming the launcher itself.
    const shell = spawn('sh', ['-c', `'${process.execPath}' '${launcher}' '${script}'; true`], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, npm_lifecycle_event: 'demo' },
    });
    await once(shell.stdout, 'data');
    shell.kill('SIGTERM');
    const [said] = (await once(shell.stdout, 'data')) as [Buffer];
    expect(said.toString()).toBe('stopped\n');
  });
});
