// The real Controller and its API over a simulated cloud, in a process of its own, so that its processor time can be told.
import { join } from 'node:path';
import { createScryptPasswordHasher } from '../../../backend/adapters/crypto/scrypt-password-hasher.ts';
import { createPki } from '../../../backend/adapters/crypto/x509-pki.ts';
import { createClusterEndpointFactory } from '../../../backend/adapters/network/cluster-endpoint.ts';
import { openSqliteDocumentStore } from '../../../backend/adapters/storage/sqlite-document-store.ts';
import { createSystemClock } from '../../../backend/adapters/system/system-clock.ts';
import { createSystemRandom } from '../../../backend/adapters/system/system-random.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { createControllerService, type ControllerService } from '../../../backend/controller/controller-service.ts';
import { openIdentity } from '../../../backend/controller/registry/identity.ts';
import { openRegistry } from '../../../backend/controller/registry/registry.ts';
import type { ControllerOrder, FromController, ToController } from './controller-messages.ts';
import { createSimulatedCloud, type SimulatedCloud } from './simulated-cloud.ts';

const password = 'a password for the bench';
const tickMs = 50;

let stopService: () => Promise<void> = () => Promise.resolve();
let cloud: SimulatedCloud | undefined;
let updating: ReturnType<typeof setInterval> | undefined;
let updates = 0;
let refused = 0;
let next = 0;

const tell = (message: FromController): void => void process.send?.(message);

async function start({ nodes, dataDirectory, pagesDirectory }: ControllerOrder): Promise<ControllerService> {
  const clock = createSystemClock();
  const random = createSystemRandom();
  const pki = createPki();
  const passwordHasher = createScryptPasswordHasher();
  const documents = openSqliteDocumentStore(join(dataDirectory, 'controller.db'));
  const identity = { clock, random, documents, pki, passwordHasher };
  const { secrets } = await openIdentity(identity, { clusterName: 'bench', hosts: ['127.0.0.1'], initialPassword: password });
  cloud = await createSimulatedCloud(nodes, pki, secrets);
  const registry = openRegistry({ clock, random, documents, clusterId: secrets.clusterId });
  for (const node of cloud.nodes) registry.add(node);
  const service = createControllerService({
    ...identity,
    logger: silentLogger,
    endpointFactory: cloud.over(createClusterEndpointFactory({ clock, logger: silentLogger })),
    consoleListen: { host: '127.0.0.1', port: 0 },
    clusterListen: { host: '127.0.0.1', port: 0 },
    clusterName: 'bench',
    expectedNodes: nodes,
    automaticRings: true,
    initialPassword: password,
    pagesDirectory,
    softwareVersion: '0.1.0',
  });
  await service.start();
  stopService = async () => {
    await service.stop();
    documents.close();
  };
  return service;
}

function update(perSecond: number): void {
  clearInterval(updating);
  if (perSecond === 0) return;
  const startedAtMs = performance.now();
  let sent = 0;
  updating = setInterval(() => {
    const due = Math.floor(((performance.now() - startedAtMs) / 1000) * perSecond);
    for (; sent < due; sent++)
      void cloud?.restart(next++).then((outcome) => {
        if (outcome.ok) updates += 1;
        else refused += 1;
      });
  }, tickMs);
}

async function obey(message: ToController): Promise<void> {
  switch (message.kind) {
    case 'start':
      return tell({ kind: 'started', consoleUrl: (await start(message)).consoleUrl, password });
    case 'updates':
      update(message.perSecond);
      return tell({ kind: 'done' });
    case 'usage': {
      const { user, system } = process.cpuUsage();
      return tell({ kind: 'usage', processorMs: (user + system) / 1000, elapsedMs: performance.now(), updates, refused });
    }
    case 'stop':
      clearInterval(updating);
      await stopService();
      tell({ kind: 'done' });
      process.disconnect();
  }
}

process.on('message', (message: ToController) => {
  obey(message).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
// Nobody is left to measure for.
process.on('disconnect', () => process.exit(0));
