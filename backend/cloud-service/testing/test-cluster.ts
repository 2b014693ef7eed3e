import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createScryptPasswordHasher } from '../../adapters/crypto/scrypt-password-hasher.ts';
import { createPki } from '../../adapters/crypto/x509-pki.ts';
import { createClusterEndpointFactory } from '../../adapters/network/cluster-endpoint.ts';
import { createHttpServerFactory } from '../../adapters/network/http-server.ts';
import { createJoinClient } from '../../adapters/network/join-client.ts';
import { openDirectoryBlobStore } from '../../adapters/storage/directory-blob-store.ts';
import { openSqliteDocumentStore } from '../../adapters/storage/sqlite-document-store.ts';
import { openSqliteRegisterStore } from '../../adapters/storage/sqlite-register-store.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { Logger } from '../../base/logger.ts';
import { silentLogger } from '../../base/logger.ts';
import { createControllerService, type ControllerService } from '../../controller/controller-service.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createCloudService, type CloudService } from '../cloud-service.ts';

const password = 'correct horse battery';

export interface TestNode {
  readonly service: CloudService;
  /** Stops it and closes its stores; the data stays for a next start. */
  stop(): Promise<void>;
}

/** A real Controller and real Cloud Services in this process, over TLS on free ports. */
export interface TestCluster {
  readonly controller: ControllerService;
  /** Calls the admin API under /api/v1, logged in. */
  api<T>(method: string, path: string, body?: unknown): Promise<T>;
  /** Starts Cloud Service `number`; with its old data when it ran before. */
  startNode(number: number, options?: { token?: string; controllerUrl?: string }): Promise<TestNode>;
  stopController(): Promise<void>;
  stop(): Promise<void>;
}

export async function startTestCluster(options: {
  expectedNodes?: number;
  automaticRings: boolean;
  logger?: Logger;
}): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'mcos-node-test-'));
  const logger = options.logger ?? silentLogger;
  const clock = createSystemClock();
  const shared = {
    clock,
    random: createSystemRandom(),
    logger,
    pki: createPki(),
    passwordHasher: createScryptPasswordHasher({ N: 1024 }),
    endpointFactory: createClusterEndpointFactory({ clock, logger }),
  };
  const documents = openSqliteDocumentStore(join(directory, 'controller.sqlite'));
  const controller = createControllerService({
    ...shared,
    documents,
    consoleListen: { host: '127.0.0.1', port: 0 },
    clusterListen: { host: '127.0.0.1', port: 0 },
    clusterName: 'test',
    automaticRings: options.automaticRings,
    ...(options.expectedNodes === undefined ? {} : { expectedNodes: options.expectedNodes }),
    initialPassword: password,
    softwareVersion: 'test',
  });
  await controller.start();
  const { clusterUrl } = controller;
  let controllerRuns = true;
  const running = new Set<TestNode>();
  // A node that starts again keeps its ports: without the Controller nobody could tell the others a new address.
  const portsOfNodes = new Map<number, { cluster: number; s3: number; dashboard: number }>();
  let session: string | undefined;

  const call = async (method: string, path: string, body: unknown, token: string | undefined): Promise<unknown> => {
    const response = await fetch(`${controller.consoleUrl}/api/v1${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    session ??= ((await call('POST', '/session', { username: 'admin', password, kind: 'bearer' }, undefined)) as { token: string }).token;
    return (await call(method, path, body, session)) as T;
  };

  const startNode: TestCluster['startNode'] = async (number, nodeOptions = {}) => {
    const base = join(directory, `node-${number}`);
    const nodeDocuments = openSqliteDocumentStore(`${base}.documents.sqlite`);
    const registerStore = await openSqliteRegisterStore(`${base}.names.sqlite`, { logger });
    const blobStore = await openDirectoryBlobStore(`${base}.blobs`, { reserveBytes: 0 });
    const service = createCloudService({
      ...shared,
      documents: nodeDocuments,
      registerStore,
      blobStore,
      joinClient: createJoinClient(),
      nameHasherFactory: createNameHasher,
      httpServerFactory: createHttpServerFactory({ logger }),
      options: {
        controllerUrl: nodeOptions.controllerUrl ?? clusterUrl,
        ...(nodeOptions.token === undefined ? {} : { joinToken: nodeOptions.token }),
        parameters: {
          name: `cloud-${number}`,
          provider: 'test',
          region: 'here',
          zone: `z${number % 3}`,
          capacityBytes: 1 << 30,
          declaredReadBytesPerSecond: 1e8,
          declaredWriteBytesPerSecond: 1e8,
        },
        listenHost: '127.0.0.1',
        ports: portsOfNodes.get(number) ?? { cluster: 0, s3: 0, dashboard: 0 },
        softwareVersion: 'test',
      },
    });
    const node: TestNode = {
      service,
      stop: async () => {
        if (!running.delete(node)) return;
        await service.stop();
        await registerStore.close();
        nodeDocuments.close();
      },
    };
    running.add(node);
    try {
      await service.start();
      const { cluster, s3, dashboard } = service.addresses;
      portsOfNodes.set(number, { cluster: portOf(cluster), s3: portOf(s3), dashboard: portOf(dashboard) });
    } catch (error) {
      await node.stop();
      throw error;
    }
    return node;
  };

  const stopController = async (): Promise<void> => {
    if (!controllerRuns) return;
    controllerRuns = false;
    await controller.stop();
    documents.close();
  };

  return {
    controller,
    api,
    startNode,
    stopController,
    stop: async () => {
      await Promise.all([...running].map((node) => node.stop()));
      await stopController();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** Waits until `check` answers something truthy; the last answer or error is in the message otherwise. */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 15_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await check();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`it did not come true within ${timeoutMs} ms; last: ${String(last)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
