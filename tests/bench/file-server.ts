// The yardstick: a plain file server in one process. PUT writes three copies, each with its own
// fdatasync and rename, before it answers; GET sends the first copy; DELETE removes all three. No
// signatures, no checksums, no names, no listing. What MCOS does beyond it is what the ratio shows.
//   node file-server.ts PORT DIRECTORY     prints "ready" when it listens
import { once } from 'node:events';
import { mkdir, open, rename, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const copies = [0, 1, 2];
/** Bodies up to here are read whole and written at once, as any sensible server would. */
const wholeBytes = 128 * 1024;

const port = Number(process.argv[2]);
const root = process.argv[3] ?? '';
const knownDirectories = new Set<string>();
let uploads = 0;

function pathOf(copy: number, target: string): string {
  return join(root, `copy${copy}`, encodeURIComponent(decodeURIComponent(target.split('?')[0] ?? '')));
}

async function writeCopies(target: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const number = ++uploads;
  const files = await Promise.all(
    copies.map(async (copy) => {
      const path = pathOf(copy, target);
      const directory = dirname(path);
      if (!knownDirectories.has(directory)) await mkdir(directory, { recursive: true });
      knownDirectories.add(directory);
      return { path, temporary: `${path}.${number}`, handle: await open(`${path}.${number}`, 'w') };
    }),
  );
  for await (const chunk of chunks) await Promise.all(files.map((file) => file.handle.writeFile(chunk)));
  await Promise.all(
    files.map(async ({ path, temporary, handle }) => {
      await handle.datasync();
      await handle.close();
      await rename(temporary, path);
    }),
  );
}

async function* whole(request: IncomingMessage): AsyncGenerator<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  yield chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
}

async function put(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const isSmall = Number(request.headers['content-length'] ?? Infinity) <= wholeBytes;
  await writeCopies(request.url ?? '/', isSmall ? whole(request) : request);
  response.writeHead(200, { 'content-length': 0 }).end();
}

async function get(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const file = await open(pathOf(0, request.url ?? '/'));
  const { size } = await file.stat();
  response.writeHead(200, { 'content-length': size });
  if (size > wholeBytes) return pipeline(file.createReadStream({ highWaterMark: 1 << 20 }), response);
  const bytes = Buffer.allocUnsafe(size);
  await file.read(bytes, 0, size, 0);
  await file.close();
  response.end(bytes);
}

async function remove(request: IncomingMessage, response: ServerResponse): Promise<void> {
  await Promise.all(copies.map((copy) => unlink(pathOf(copy, request.url ?? '/'))));
  response.writeHead(204).end();
}

const handlers: Readonly<Record<string, typeof put>> = { PUT: put, GET: get, DELETE: remove };

const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
  const handler = handlers[request.method ?? ''];
  if (handler === undefined) return void response.writeHead(405, { 'content-length': 0 }).end();
  handler(request, response).catch((error: unknown) => {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (response.headersSent) response.destroy();
    else response.writeHead(isMissing ? 404 : 500, { 'content-length': 0 }).end();
  });
});
server.listen(port, '127.0.0.1');
await once(server, 'listening');
console.log('ready');
