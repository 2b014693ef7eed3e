import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const readyTimeoutMs = 180_000;
const stopGraceMs = 15_000;

export interface ServerProcess {
  readonly pid: number;
  /** The line that told it was ready. */
  readonly ready: string;
  stop(): Promise<void>;
}

/** Starts a Node script as a server and waits until a line of its standard output satisfies `isReady`. `signal` stops it, also while it starts. */
export async function startServer(
  name: string,
  script: string,
  parameters: readonly string[],
  isReady: (line: string) => boolean,
  signal: AbortSignal,
): Promise<ServerProcess> {
  signal.throwIfAborted();
  const child = spawn(process.execPath, [script, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => {
    errors.push(chunk.toString());
    if (errors.length > 100) errors.shift();
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    signal.removeEventListener('abort', onAbort);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGINT');
    const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
    await exited;
    clearTimeout(timer);
  };
  const onAbort = (): void => void stop();
  signal.addEventListener('abort', onAbort);
  try {
    const ready = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} was not ready in time:\n${errors.join('')}`)), readyTimeoutMs);
      const settle = (): void => clearTimeout(timer);
      child.once('error', reject);
      void exited.then(() => {
        settle();
        reject(new Error(`${name} ended before it was ready:\n${errors.join('')}`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!isReady(line)) return;
        settle();
        resolve(line);
      });
    });
    return { pid: child.pid ?? 0, ready, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port was assigned');
  return address.port;
}
