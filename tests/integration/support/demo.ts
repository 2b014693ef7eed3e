import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DemoReport } from '../../../backend/bin/demo/demo-report.ts';

const projectRoot = fileURLToPath(new URL('../../..', import.meta.url));
const demoProgram = join(projectRoot, 'backend/bin/demo.ts');
const readyTimeoutMs = 180_000;

/** A demo as a child process, as a user starts it. */
export interface RunningDemo {
  readonly report: DemoReport;
  /** All lines of standard output so far. */
  readonly output: readonly string[];
  /** What it said for people: among it which process ended, and how. */
  readonly said: readonly string[];
  readonly startedInMs: number;
  readonly process: ChildProcess;
  /** SIGINT; answers how long it took until everything had ended. */
  stop(): Promise<number>;
}

/** Starts the demo and waits for its one line. */
export async function startDemo(directory: string, parameters: readonly string[]): Promise<RunningDemo> {
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, [demoProgram, '--json', '--data', directory, ...parameters], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: projectRoot,
  });
  const output: string[] = [];
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const first = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      // It must not go on for nobody.
      child.kill('SIGINT');
      reject(new Error(`the demo was not ready in time:\n${errors.join('')}`));
    }, readyTimeoutMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      output.push(line);
      clearTimeout(timer);
      resolve(line);
    });
    void exited.then(() => reject(new Error(`the demo ended before it was ready:\n${errors.join('')}`)));
  });
  return {
    report: JSON.parse(first) as DemoReport,
    output,
    said: errors,
    startedInMs: performance.now() - startedAtMs,
    process: child,
    stop: async () => {
      const stoppedAtMs = performance.now();
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT');
      await exited;
      return performance.now() - stoppedAtMs;
    },
  };
}

/** An empty directory that `remove` takes away again. */
export async function temporaryDirectory(name: string): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `mcos-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
