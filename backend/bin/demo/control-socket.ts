import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError } from '../cli/command-error.ts';

/** A running demo listens here for `demo add`: one JSON line asks, one JSON line answers. */
export interface ControlSocket {
  close(): Promise<void>;
}

export type ControlAnswer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string };

/** Paths of sockets may have about 100 bytes. */
const longestSocketPath = 100;
const requestTimeoutMs = 90_000;

function socketPath(directory: string): string {
  const beside = join(directory, 'demo.sock');
  if (process.platform === 'win32') return `\\\\.\\pipe\\mcos-demo-${digest(directory)}`;
  return Buffer.byteLength(beside) <= longestSocketPath ? beside : join(tmpdir(), `mcos-demo-${digest(directory)}.sock`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** Listens. The caller holds the lock of `directory`, so a socket that is still there belongs to a dead process. */
export async function listenForControl(
  directory: string,
  handle: (request: Record<string, unknown>) => Promise<unknown>,
): Promise<ControlSocket> {
  const path = socketPath(directory);
  await rm(path, { force: true });
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    socket.on('error', () => socket.destroy());
    firstLine(socket, (line) => void answer(socket, line, handle));
  });
  await listening(server, path);
  return {
    close: async () => {
      for (const socket of connections) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(path, { force: true });
    },
  };
}

/** The reader passes the socket's errors on as its own; the socket's listeners have dealt with them already. */
function firstLine(socket: Socket, use: (line: string) => void): void {
  createInterface({ input: socket })
    .on('error', () => undefined)
    .once('line', use);
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(socket: Socket, line: string, handle: (request: Record<string, unknown>) => Promise<unknown>): Promise<void> {
  let reply: ControlAnswer;
  try {
    reply = { ok: true, value: await handle(JSON.parse(line) as Record<string, unknown>) };
  } catch (error) {
    reply = { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  socket.end(`${JSON.stringify(reply)}\n`);
}

/** Asks the demo that runs on `directory`. */
export async function askDemo(directory: string, request: Record<string, unknown>): Promise<unknown> {
  const line = await new Promise<string>((resolve, reject) => {
    const socket = createConnection(socketPath(directory));
    socket.setTimeout(requestTimeoutMs, () => socket.destroy(new Error('no answer in time')));
    socket.once('error', (error) =>
      reject(
        new CommandError(
          'NotFound',
          `No demo runs on ${directory} (${error.message}): start it with "npm run demo -- --data ${directory}".`,
        ),
      ),
    );
    socket.once('close', () => reject(new CommandError('Unreachable', `The demo on ${directory} ended before it answered.`)));
    firstLine(socket, resolve);
    socket.write(`${JSON.stringify(request)}\n`);
  });
  const reply = JSON.parse(line) as ControlAnswer;
  if (!reply.ok) throw new CommandError('Failed', reply.message);
  return reply.value;
}
