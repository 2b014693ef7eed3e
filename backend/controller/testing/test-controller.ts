import { createServer } from 'node:net';
import { createPki } from '../../adapters/crypto/x509-pki.ts';
import { createScryptPasswordHasher } from '../../adapters/crypto/scrypt-password-hasher.ts';
import { createClusterEndpointFactory } from '../../adapters/network/cluster-endpoint.ts';
import { createJoinClient } from '../../adapters/network/join-client.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import type { TokenCreated } from '../../contracts/admin-api.ts';
import type { ControllerService, ControllerServiceDependencies } from '../controller-service.ts';
import { createControllerService } from '../controller-service.ts';
import type { FakeNode, FakeNodeOptions } from './fake-node.ts';
import { joinFakeNode } from './fake-node.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';

export const password = 'a password for tests';

/** A Controller over the real network parts with an administrator's client, and nodes that join it. */
export interface TestController {
  readonly service: ControllerService;
  readonly documents: DocumentStore;
  readonly nodes: FakeNode[];
  readonly ports: Parameters<typeof joinFakeNode>[0];
  api<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }>;
  token(): Promise<string>;
  join(name: string, options?: Partial<FakeNodeOptions>): Promise<FakeNode>;
  stop(): Promise<void>;
}

export async function startTestController(options: Partial<ControllerServiceDependencies> = {}): Promise<TestController> {
  const clock = createSystemClock();
  const documents = options.documents ?? createMemoryDocumentStore();
  const endpointFactory = createClusterEndpointFactory({ clock, logger: silentLogger });
  const pki = createPki();
  const service = createControllerService({
    clock,
    random: createSystemRandom(),
    logger: silentLogger,
    documents,
    pki,
    passwordHasher: createScryptPasswordHasher({ N: 1024 }),
    endpointFactory,
    consoleListen: { host: '127.0.0.1', port: 0 },
    clusterListen: { host: '127.0.0.1', port: 0 },
    clusterName: 'test',
    automaticRings: false,
    initialPassword: password,
    softwareVersion: '0.0.0-test',
    ...options,
  });
  await service.start();
  const nodes: FakeNode[] = [];
  const ports = { pki, endpointFactory, joinClient: createJoinClient() };
  let bearer = '';
  const api = async <T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> => {
    const headers: Record<string, string> = bearer === '' ? {} : { authorization: `Bearer ${bearer}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(`${service.consoleUrl}/api/v1${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? undefined : JSON.parse(text)) as T };
  };
  const login = await api<{ token: string }>('POST', '/session', { username: 'admin', password, kind: 'bearer' });
  bearer = login.body.token;
  const token = async (): Promise<string> => (await api<TokenCreated>('POST', '/tokens', {})).body.token;
  return {
    service,
    documents,
    nodes,
    ports,
    api,
    token,
    join: async (name, more = {}) => {
      const node = unwrap(
        await joinFakeNode(ports, { controllerUrl: service.clusterUrl, token: await token(), name, port: await freePort(), ...more }),
      );
      nodes.push(node);
      return node;
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
      await service.stop();
    },
  };
}

/**
 * A port that nothing listens on. Not one that the system hands out: those are also given to outgoing
 * connections, and a test that opens many would find its port taken a moment later.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = firstTestPort + (nextPort++ % testPorts);
    if (await isFree(port)) return port;
  }
}

const firstTestPort = 20_000;
const testPorts = 10_000;
/** Processes that test at the same time begin at different places. */
let nextPort = (process.pid * 131) % testPorts;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
