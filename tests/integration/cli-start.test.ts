import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from './support/demo.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const port = 19_950;
/** Test machines share their cores with others: limits on time are held at three times. */
const slowness = 3;

describe('npm start', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeAll(async () => {
    directory = await temporaryDirectory('start');
  });
  afterAll(() => directory.remove());

  /** Starts the console through the launcher, as npm does, and looks at the page while it is up. */
  async function startAndStop(): Promise<{ said: string; page: string; exit: unknown[]; stoppedInMs: number }> {
    const child = spawn(process.execPath, ['scripts/node24.mjs', 'backend/bin/start.ts', '--port', String(port)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MCOS_DATA: directory.path, DISPLAY: undefined, WAYLAND_DISPLAY: undefined },
    });
    const exited = once(child, 'exit');
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.startsWith('Ctrl-C')) break;
    }
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
});
