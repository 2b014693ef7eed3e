import { Emitter } from '../base/emitter.ts';
import { isLoopback } from '../base/loopback.ts';
import type { ClusterEndpoint } from '../base/cluster-endpoint.ts';
import { DisposableStore, type Service } from '../base/lifecycle.ts';
import type { ServerCertificate } from '../base/http-port.ts';
import { peerChannels } from '../base/peer-transport.ts';
import type { NodeAddresses } from '../contracts/membership.ts';
import { createAcceptor } from '../register/acceptor.ts';
import type { RegisterKey } from '../register/register-store.ts';
import { createRegisterClient } from '../register/proposer.ts';
import { createPurger } from '../register/purger.ts';
import type { NameHasher } from '../ring/name-hasher.ts';
import { partitionOf } from '../ring/lookup.ts';
import type { AdminCloudController } from './admin-cloud-controller/admin-cloud-controller.ts';
import { CatchUp } from './admin-cloud-controller/catch-up.ts';
import { ReplicaDigests } from './admin-cloud-controller/replica-digests.ts';
import { serveClusterApi } from './api/cluster-api.ts';
import { createNodeMetrics } from './api/node-metrics.ts';
import { createTraffic } from './api/traffic.ts';
import { createBlobsHeld, nodeStatus, type NodeStatusDeps } from './api/node-status.ts';
import type { CloudServiceDeps } from './cloud-service-deps.ts';
import { createNames } from './names/create-names.ts';
import { createHealing } from './healing/healing.ts';
import { createHealingPeers, objectPartitions } from './healing/cluster-ports.ts';
import { defaultHealingSettings } from './healing/healing-settings.ts';
import type { ObjectsDeps } from './objects/objects-deps.ts';
import { createObjects } from './objects/create-objects.ts';
import { createOneTimeDownloads } from './objects/one-time-downloads.ts';
import { createS3Handler } from './s3/s3-handler.ts';
import { createObjectsHeld } from './storage/objects-held.ts';
import { createUserDashboard } from './user-dashboard/user-dashboard.ts';

export interface UserServicesDeps extends CloudServiceDeps {
  readonly endpoint: ClusterEndpoint;
  readonly controller: AdminCloudController;
  readonly hasher: NameHasher;
  readonly instanceId: string;
  readonly addresses: () => NodeAddresses;
}

/** Registers, names, objects and the two faces that end users see. */
export interface UserServices extends Service {
  readonly s3Port: number;
  readonly dashboardPort: number;
  /** For Prometheus. */
  metrics(): Promise<string>;
}

const maxS3Connections = 4_096;
const defaultTombstoneRetentionMs = 24 * 60 * 60_000;
const purgeEveryMs = 60 * 60_000;

export function composeUserServices(deps: UserServicesDeps): UserServices {
  const { clock, random, logger, registerStore, blobStore, endpoint, controller, hasher, options } = deps;
  const cleanup = new DisposableStore();
  const view = controller.registerView;
  const { epochs, selfId, peers } = controller;
  const missed = new Emitter<RegisterKey>();
  const acceptor = createAcceptor({ view, store: registerStore, logger, onAcceptRefused: (key) => missed.emit(key) });
  cleanup.add(endpoint.peers.handle(peerChannels.register, (from, payload) => acceptor.handlePayload(from, payload)));
  const onUnheardAccept = (node: string): void => (node === selfId ? peers.missedWrites.emit() : peers.noteUnheardWrite(node));
  const registers = createRegisterClient({ view, transport: endpoint.peers, acceptor, clock, random, logger, onUnheardAccept });
  cleanup.add(endpoint.peers.handle(peerChannels.turn, registers.handleTurn));
  const retentionMs = options.tombstoneRetentionMs ?? defaultTombstoneRetentionMs;
  // A short retention is looked after more often.
  const limits = { periodMs: Math.min(purgeEveryMs, Math.max(250, retentionMs / 2)) };
  const purger = createPurger({ view, store: registerStore, registers, clock, random, logger, retentionMs, limits });
  const digests = new ReplicaDigests({ transport: endpoint.peers, store: registerStore, epochs, selfId });
  const catchUp = new CatchUp({
    clock,
    random,
    logger,
    digests,
    registers,
    epochs,
    serving: () => controller.serving().kind === 'serving',
    reunited: peers.reunited,
    returned: peers.returned,
    missedWrites: peers.missedWrites,
    missed,
  });
  const names = createNames({ clock, random, logger, registers, hasher });
  const objectsDeps: ObjectsDeps = {
    clock,
    random,
    logger,
    names,
    blobs: blobStore,
    blobPeers: endpoint.blobPeers,
    cluster: controller.clusterMap,
    onBadCopy: (nodeId, blobId) => healing.reportBadCopy(nodeId, blobId),
  };
  const healing = createHealing({
    ...objectsDeps,
    registers: registerStore,
    partitions: () => objectPartitions(controller.epochs.active),
    documents: deps.documents,
    peers: createHealingPeers(endpoint.rpcClient, controller.membership),
    serving: () => controller.serving().kind === 'serving',
    settings: { ...defaultHealingSettings, ...options.healing },
  });
  const objects = cleanup.add(createObjects(objectsDeps));
  const downloads = createOneTimeDownloads({ clock, random });
  const serving = (): ReturnType<AdminCloudController['serving']> => controller.serving();

  const objectsHeld = createObjectsHeld({
    registers: registerStore,
    blobs: blobStore,
    partitionOf: (ring, hash) => {
      const { active } = controller.epochs;
      return active === null ? 0 : partitionOf(hash, active.rings[ring].partitionPower);
    },
  });
  const onCountFailed = (error: unknown): void => logger.warn({ error: String(error) }, 'the blobs could not be counted');
  const traffic = createTraffic();
  const statusDeps: NodeStatusDeps = {
    clock,
    controller,
    registers: registerStore,
    blobsHeld: createBlobsHeld({ clock, blobs: blobStore, onError: onCountFailed }),
    healing,
    traffic,
    instanceId: deps.instanceId,
    softwareVersion: options.softwareVersion,
  };
  const { logTail } = deps;
  cleanup.add(serveClusterApi({ ...statusDeps, server: endpoint.rpcServer, names, hasher, objectsHeld, digests, healing, logTail }));

  const tls = isLoopback(options.listenHost)
    ? undefined
    : (options.certificate?.current ?? { certificatePem: controller.identity.certificatePem, privateKeyPem: controller.keyPem });
  const s3 = deps.httpServerFactory({
    host: options.listenHost,
    port: options.ports.s3,
    ...(tls && { tls }),
    handler: traffic.counted(createS3Handler({ clock, random, logger, names, objects, serving, region: 'us-east-1', downloads })),
    maxConnections: maxS3Connections,
  });
  const dashboard = createUserDashboard({
    clock,
    random,
    logger,
    names,
    objects,
    passwordHasher: deps.passwordHasher,
    serving,
    downloads,
    s3Url: () => deps.addresses().s3,
    node: { name: options.parameters.name, zone: options.parameters.zone },
    ...(options.pagesDirectory === undefined ? {} : { pagesDirectory: options.pagesDirectory }),
    listen: {
      host: options.listenHost,
      port: options.ports.dashboard,
      ...(tls && { tls }),
      ...(options.advertise?.dashboard === undefined ? {} : { advertisedUrl: options.advertise.dashboard }),
    },
  });

  const useCertificate = (renewed: ServerCertificate): void => {
    s3.useCertificate(renewed);
    dashboard.useCertificate(renewed);
  };
  if (tls !== undefined) {
    const renewals =
      options.certificate?.onChange(useCertificate) ??
      controller.certificateRenewed.on((certificatePem) => useCertificate({ certificatePem, privateKeyPem: controller.keyPem }));
    cleanup.add(renewals);
  }

  return {
    metrics: createNodeMetrics(() => nodeStatus(statusDeps, []), options.parameters.capacityBytes),
    get s3Port() {
      return s3.port;
    },
    get dashboardPort() {
      return dashboard.port;
    },
    start: async () => {
      await s3.start();
      await dashboard.start();
      catchUp.start();
      purger.start();
      controller.changes.start(registers);
      await healing.start();
    },
    stop: async () => {
      await Promise.all([s3.stop(), dashboard.stop(), catchUp.stop(), purger.stop(), healing.stop()]);
      cleanup.dispose();
    },
  };
}
