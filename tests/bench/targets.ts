import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import type { LoadTarget } from './load/load-messages.ts';
import { freePort, startServer, type ServerProcess } from './server-process.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
const s3rverCredentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

export interface BenchTarget {
  readonly load: LoadTarget;
  /** Its processes, named for the table of memory. */
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
  stop(): Promise<void>;
}

export interface McosTarget extends BenchTarget {
  readonly demo: DemoReport;
  /** From the start of the command to its line, pages that had to be built included. */
  readonly startedInMs: number;
}

/** The demo's five nodes; all clients speak to the first one, as those of one site would. */
export async function startMcos(directory: string, basePort: number, signal: AbortSignal): Promise<McosTarget> {
  const beganMs = performance.now();
  const server = await startServer(
    'the demo',
    path('../../backend/bin/demo.ts'),
    ['--json', '--data', join(directory, 'mcos'), '--base-port', String(basePort)],
    (line) => line.startsWith('{'),
    signal,
  );
  const demo = JSON.parse(server.ready) as DemoReport;
  const { accessKeyId, secretAccessKey } = demo.s3;
  return {
    demo,
    startedInMs: performance.now() - beganMs,
    load: {
      name: 'mcos',
      origin: demo.s3.endpoints[0] ?? '',
      credentials: { accessKeyId, secretAccessKey },
      pids: demo.nodes.map((node) => node.pid),
      listForm: 'v2',
    },
    processes: [...demo.nodes.map(({ name, pid }) => ({ name, pid })), { name: 'controller', pid: demo.controller.pid }],
    stop: () => server.stop(),
  };
}

export async function startFileServer(directory: string, signal: AbortSignal): Promise<BenchTarget> {
  const port = await freePort();
  const data = join(directory, 'file-server');
  const server = await startServer('the file server', path('./file-server.ts'), [String(port), data], (line) => line === 'ready', signal);
  return single('file server', port, null, server);
}

/** s3rver keeps one copy, syncs nothing and is told here to check no signature. */
export async function startS3rver(directory: string, signal: AbortSignal): Promise<BenchTarget> {
  const port = await freePort();
  const data = join(directory, 's3rver');
  await mkdir(data, { recursive: true });
  const parameters = ['--directory', data, '--address', '127.0.0.1', '--port', String(port), '--silent', '--no-vhost-buckets'];
  const server = await startServer(
    's3rver',
    path('../../node_modules/s3rver/bin/s3rver.js'),
    parameters,
    (line) => line.includes('listening'),
    signal,
  );
  return single('s3rver', port, s3rverCredentials, server);
}

function single(name: string, port: number, credentials: LoadTarget['credentials'], server: ServerProcess): BenchTarget {
  return {
    load: { name, origin: `http://127.0.0.1:${port}`, credentials, pids: [server.pid], listForm: 'v1' },
    processes: [{ name, pid: server.pid }],
    stop: () => server.stop(),
  };
}
