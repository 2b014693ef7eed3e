import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { CommandError } from '../cli/command-error.ts';

const program = fileURLToPath(new URL('../mcos.ts', import.meta.url));
const stopGraceMs = 8_500;

/** A long-running `mcos` command in a process of its own. Its log goes to a file. */
export interface McosProcess {
  readonly pid: number;
  /** The one JSON line that the command prints when it is ready. */
  readonly ready: Record<string, unknown>;
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  /** SIGTERM, then SIGKILL after the grace. Resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface McosProcessOptions {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly logFile: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** A command that becomes the process in the end, such as `ip netns exec NAME`; what it is to run follows it. */
  readonly launcher?: readonly string[];
  readonly readyTimeoutMs: number;
  /** Ends the process when the demo is told to stop while it is still starting. */
  readonly signal?: AbortSignal;
}

/** Starts `mcos PARAMETERS` and resolves with its ready line. Throws with what it said when it ends before. */
export async function startMcosProcess(options: McosProcessOptions): Promise<McosProcess> {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const log = openSync(options.logFile, 'a', 0o600);
  // A group of its own: Ctrl-C in the terminal reaches only us, and we stop the processes in order.
  // The channel tells the child when we are gone, however that happened.
  const [command = process.execPath, ...parameters] = [
    ...(options.launcher ?? []),
    process.execPath,
    program,
    ...options.parameters,
    '--json',
  ];
  const child = spawn(command, parameters, {
    stdio: ['ignore', 'pipe', log, 'ipc'],
    detached: true,
    env: { ...process.env, ...options.environment, MCOS_STOP_WITH_PARENT: '1' },
  });
  closeSync(log);
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  const stop = (): Promise<void> => stopChild(child, exited);
  try {
    const ready = await firstLine(child, exited, options);
    return { pid: child.pid ?? 0, ready, exited, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function firstLine(child: ChildProcess, exited: Promise<unknown>, options: McosProcessOptions): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (reason: string): void =>
      finish(() =>
        reject(new CommandError('StartFailed', `${options.name} ${reason}${lastError(options.logFile)} (its log is ${options.logFile})`)),
      );
    const timer = setTimeout(() => fail(`was not ready after ${options.readyTimeoutMs / 1000} s`), options.readyTimeoutMs);
    const onAbort = (): void => fail('was stopped while it started');
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      settle();
    };
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted === true) onAbort();
    void exited.then(() => fail('ended'));
    if (child.stdout === null) return fail('has no output');
    createInterface({ input: child.stdout }).once('line', (line) => finish(() => resolve(parseReady(line))));
  });
}

function parseReady(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** What the process said last about why it ended, from its log. */
function lastError(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-20).reverse();
  for (const line of lines) {
    const message = /"error":\{"code":"[^"]*","message":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    if (message !== undefined) return `: ${String(JSON.parse(message))}`;
  }
  return lines[0] === undefined || lines[0] === '' ? '' : `: ${lines[0].slice(0, 500)}`;
}

async function stopChild(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await exited;
  clearTimeout(timer);
}
