import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import type { Outcome } from '../../../backend/base/outcome.ts';
import type { DesktopChannel } from '../../../backend/contracts/desktop-channels.ts';
import type { DesktopParameters, DesktopResult } from '../../../backend/contracts/desktop-ipc.ts';
import { projectRoot } from '../../../scripts/run-step.ts';
import type { Ask, Fetched } from './electron-module.ts';

type AskWithoutId = Ask extends infer One ? (One extends Ask ? Omit<One, 'id'> : never) : never;

/** The built main process in plain Node, with the stand-in for Electron. */
export interface RunningApp {
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  /** As the page calls. `sender`: from which page; the app's own unless given. */
  call<C extends DesktopChannel>(channel: C, parameters: DesktopParameters<C>, sender?: string): Promise<Outcome<DesktopResult<C>>>;
  fetch(url: string, init?: { method: string; body?: string }): Promise<Fetched>;
  stream(url: string, count: number): Promise<string>;
  recorded(): Promise<{ sandboxed: boolean; windows: { options: Record<string, unknown>; loaded: string[] }[]; schemes: unknown[] }>;
  /** Lets an error come up in the main process that nobody catches. */
  throwInside(message: string): Promise<void>;
  quit(): Promise<number | null>;
}

const answerTimeoutMs = 120_000;

/** Starts it and waits for its window. `root`: where the app lies, if not in the checkout. */
export async function startApp(dataDirectory: string, port: number, root = projectRoot): Promise<RunningApp> {
  const child = spawn(
    process.execPath,
    ['--import', join(projectRoot, 'tests/desktop/support/replace-electron.mjs'), join(root, 'dist/desktop/main/index.js')],
    {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Without a bus there is no keychain: the test must not write into the one of whoever runs it.
      env: { ...process.env, MCOS_DATA: dataDirectory, MCOS_PORT: String(port), DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent' },
    },
  );
  const said: string[] = [];
  createInterface({ input: child.stderr as NodeJS.ReadableStream }).on('line', (line) => said.push(line));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  let next = 1;
  child.on('message', (message) => {
    const { id, value, error } = message as { id: number; value?: unknown; error?: string };
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(error));
  });
  void exited.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the app ended with ${String(code)}:\n${said.join('\n')}`));
  });
  const wait = <T>(id: number): Promise<T> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer in time:\n${said.join('\n')}`)), answerTimeoutMs);
      waiting.set(id, {
        resolve: (value) => {
          clearTimeout(timer);
          resolve(value as T);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      });
    });
  const ask = <T>(question: AskWithoutId): Promise<T> => {
    const id = next++;
    const answer = wait<T>(id);
    child.send({ id, ...question });
    return answer;
  };
  await wait(0);
  return {
    process: child,
    exited,
    call: (channel, parameters, sender = 'app://mcos/index.html') => ask({ kind: 'ipc', channel, parameters, sender }),
    fetch: (url, init = { method: 'GET' }) => ask({ kind: 'fetch', url, ...init }),
    stream: (url, count) => ask({ kind: 'stream', url, count }),
    recorded: () => ask({ kind: 'recorded' }),
    throwInside: (message) => ask({ kind: 'throw', message }),
    quit: () => {
      child.send({ id: next++, kind: 'quit' });
      return exited;
    },
  };
}
