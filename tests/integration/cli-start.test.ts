import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alteredBy } from './support/cluster.ts';
import { temporaryDirectory } from './support/demo.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = 19_950;
/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;
/** The launcher passes SIGTERM on; whoever only stops waiting would leave the console behind. */
const mostMs = 60_000 * slowness;

type Exit = Promise<unknown[]>;

describe('npm start', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory('start');
  });
  afterAll(() => directory.remove());

  /** Starts the console through the launcher, as npm does; resolves when it is up. */
  async function startConsole(environment: Record<string, string> = {}): Promise<{ child: ChildProcess; lines: string[]; exited: Exit }> {
    const child = spawn(process.execPath, ['scripts/node24.mjs', 'backend/bin/start.ts', '--port', String(port)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, MCOS_DATA: directory.path, DISPLAY: undefined, WAYLAND_DISPLAY: undefined, ...environment },
    });
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(mostMs) });
    const lines: string[] = [];
    child.stderr.on('data', (chunk: Buffer) => void lines.push(chunk.toString()));
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.startsWith('Ctrl-C')) break;
    }
    return { child, lines, exited };
  }

  /** Looks at the page while the console is up. */
  async function startAndStop(): Promise<{ said: string; page: string; exit: unknown[]; stoppedInMs: number }> {
    const { child, lines, exited } = await startConsole();
    const page = await fetch(`http://127.0.0.1:${port + 1}/`).then((answer) => answer.text());
    const stoppedAtMs = performance.now();
    child.kill('SIGINT');
    return { said: lines.join('\n'), page, exit: await exited, stoppedInMs: performance.now() - stoppedAtMs };
  }

  it('says why it serves the browser, serves the console, and stops; the password is shown at the first start only', async () => {
    const first = await startAndStop();
    expect(first.said).toContain('There is no display');
    expect(first.said).toContain(`Console: http://127.0.0.1:${port + 1}`);
    expect(first.said).toMatch(/log in as "admin" with the password \S{20}/);
    expect(first.page).toContain('<div id="app"');
    expect(first.exit).toEqual([0, null]);
    expect(first.stoppedInMs).toBeLessThan(10_000 * slowness);

    const second = await startAndStop();
    expect(second.said).not.toContain('password');
    expect(second.exit).toEqual([0, null]);
  });

  it('ends with its reason when the disk of the Controller fails: what is no longer kept must not look as if it were', async () => {
    const { child, lines, exited } = await startConsole(alteredBy('disk-fails-at-login'));
    try {
      const login = await fetch(`http://127.0.0.1:${port + 1}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'admin', password: 'any that is not the right one' }),
      });
      expect(login.status).toBe(500);
      expect(await exited).toEqual([1, null]);
      expect(lines.join('\n')).toMatch(/mcos: The Controller ended: The store of documents failed: Writing \S+ failed \(disk I\/O error\)/);
    } finally {
      child.kill('SIGTERM');
    }
  });
});
