import type { Clock } from '../base/clock.ts';
import type { ClusterCredentials, ClusterEndpointFactory } from '../base/cluster-endpoint.ts';
import type { DocumentStore } from '../base/document-store.ts';
import type { CertificateSource } from '../base/http-port.ts';
import { DisposableStore } from '../base/lifecycle.ts';
import type { Logger } from '../base/logger.ts';
import type { PasswordHasher } from '../base/password-hasher.ts';
import type { Pki } from '../base/pki.ts';
import type { Random } from '../base/random.ts';
import { certificateDerBase64 } from '../epochs/member-signature.ts';
import { createAccounts } from './accounts/accounts.ts';
import { createAdministrators } from './accounts/administrators.ts';
import { createLockOut } from './accounts/lock-out.ts';
import { createBucketNames } from './accounts/bucket-names.ts';
import { createHealingWatch, type ToldHealing } from './events/healing-watch.ts';
import { openToldMemory } from './events/told-memory.ts';
import { createNodeCalls } from './accounts/node-calls.ts';
import { createSessions } from './accounts/sessions.ts';
import { serveAdmission } from './admission/admission.ts';
import type { ResolveHost } from './admission/check-addresses.ts';
import { createJoinTokens } from './admission/join-tokens.ts';
import type { ConsoleContext } from './api/console-app.ts';
import type { ConsoleServer } from './api/console-server.ts';
import { createConsoleServer } from './api/console-server.ts';
import { createLiveStreams } from './api/live-streams.ts';
import { createControllerMetrics } from './api/metrics.ts';
import { createClusterState } from './cluster-state.ts';
import { createDrains } from './drains/drains.ts';
import { openAuditLog } from './events/audit-log.ts';
import { openEventLog } from './events/event-log.ts';
import { createEventThrottle } from './events/event-throttle.ts';
import { createHealthMonitor } from './health/health-monitor.ts';
import { refusalOf, type Refusal } from './health/trouble.ts';
import { createHousekeeping } from './housekeeping.ts';
import { clusterFigures } from './insight/cluster-figures.ts';
import { createLatencies } from './insight/latencies.ts';
import { openTimeSeries } from './insight/time-series.ts';
import { createListTakeOver } from './membership/list-take-over.ts';
import {
  certificateHosts,
  consoleListenOf,
  hostInUrl,
  ownCertificate,
  requireTlsBeyondLoopback,
  type GivenListens,
} from './listen-addresses.ts';
import { createMembershipPusher } from './membership/pusher.ts';
import { createSignedList } from './membership/signed-list.ts';
import type { ClusterSecrets } from './registry/identity.ts';
import { endFirstRun, openIdentity, renewControllerCertificate } from './registry/identity.ts';
import { openRegistry } from './registry/registry.ts';
import { startAutomatically } from './rings/automatic-start.ts';
import { createRecovery } from './rings/recovery.ts';
import { createRings } from './rings/rings.ts';
import { openSettings } from './settings.ts';

export interface ControllerServiceDependencies extends GivenListens {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly passwordHasher: PasswordHasher;
  readonly endpointFactory: ClusterEndpointFactory;
  /** Where a certificate of one's own comes from, so that the console takes a new one without a restart. */
  readonly consoleCertificate?: CertificateSource;
  readonly clusterName: string;
  readonly expectedNodes?: number;
  readonly automaticRings: boolean;
  /** Of the first administrator; generated when it is left out. Used at the first start only. */
  readonly initialPassword?: string;
  readonly pagesDirectory?: string;
  readonly softwareVersion: string;
  /** Looks host names of joining nodes up; without it only literal addresses are checked. */
  readonly resolveHost?: ResolveHost;
}

export interface ControllerService {
  /** Listens on both ports. `firstRunPassword`: generated for the administrator `admin`, shown this once. */
  start(): Promise<{ firstRunPassword?: string }>;
  stop(): Promise<void>;
  /** After `start`. */
  readonly caCertificatePem: string;
  readonly consoleUrl: string;
  readonly clusterUrl: string;
}

const defaultEventRetentionDays = 90;

/**
 * The Controller Service: registry, health, admission, rings, console.
 *
 * Invariant: `stop` undoes everything that `start` began, in reverse order, also after a start that failed.
 */
export function createControllerService(deps: ControllerServiceDependencies): ControllerService {
  let running: RunningController | undefined;
  const started = (): RunningController => {
    if (!running) throw new Error('the Controller Service has not been started');
    return running;
  };
  return {
    start: async () => {
      requireTlsBeyondLoopback(deps.consoleListen);
      const { secrets, firstRunPassword } = await openIdentity(deps, {
        clusterName: deps.clusterName,
        hosts: certificateHosts(deps),
        ...(deps.initialPassword === undefined ? {} : { initialPassword: deps.initialPassword }),
      });
      const controller = await assemble(deps, secrets);
      try {
        await controller.start();
      } catch (error) {
        await controller.stop();
        throw error;
      }
      running = controller;
      endFirstRun(deps.documents);
      return firstRunPassword === undefined ? {} : { firstRunPassword };
    },
    stop: async () => {
      await running?.stop();
      running = undefined;
    },
    get caCertificatePem() {
      return started().caCertificatePem;
    },
    get consoleUrl() {
      return started().consoleUrl();
    },
    get clusterUrl() {
      return started().clusterUrl();
    },
  };
}

interface RunningController {
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly caCertificatePem: string;
  consoleUrl(): string;
  clusterUrl(): string;
}

async function assemble(deps: ControllerServiceDependencies, initial: ClusterSecrets): Promise<RunningController> {
  const { clock, random, logger, documents, pki } = deps;
  let secrets = initial;
  const { clusterId, authorityDigest, authorityCertificatePem, controllerKeyPem, genesis } = secrets;
  const registry = openRegistry({ clock, random, documents, clusterId });
  const events = openEventLog({ clock, documents, logger });
  const audit = openAuditLog({ clock, documents });
  const tokens = createJoinTokens({ clock, random, documents, authorityDigest });
  const signedList = createSignedList({ pki, keyPem: controllerKeyPem, current: () => registry.membership });
  const metrics = createControllerMetrics({
    registry: () => registry,
    epoch: () => rings.certificate?.proposal.epoch ?? 0,
    troubled: () => state.troubled(),
  });
  const endpoint = deps.endpointFactory({
    credentials: credentialsOf(secrets),
    listen: { host: deps.clusterListen.host, port: deps.clusterListen.port },
    addressOf: (nodeId) => registry.get(nodeId)?.entry.addresses.cluster,
    isRefused: (identity) => identity.kind === 'node' && registry.isRevoked(identity.nodeId),
    health: () => ({ status: 200, body: 'ok\n' }),
    metrics: () => metrics.text(),
  });
  const rpc = endpoint.rpcClient;
  const throttle = createEventThrottle(clock);
  const takeOver = createListTakeOver({
    clock,
    logger,
    clusterId,
    registry,
    signedList,
    events,
    rpc,
    pki,
    controllerCertificatePem: () => secrets.controllerCertificatePem,
  });
  const pusher = createMembershipPusher({
    clock,
    random,
    logger,
    registry,
    signedList,
    rpc,
    countPush: metrics.countPush,
    onOtherHistory: async (nodeId) => {
      const entry = registry.get(nodeId)?.entry;
      if (entry) await takeOver.takeOver({ nodeId, name: entry.parameters.name, url: entry.addresses.cluster });
    },
  });
  const health = createHealthMonitor({ clock, random, logger, documents, registry, events, rpc });
  const measuredWriteSpeed = (nodeId: string): number | null => health.of(nodeId).status?.measuredWriteBytesPerSecond ?? null;
  const refusal = (nodeId: string): Refusal | null => refusalOf(health.standing(nodeId).status);
  const rings = createRings({
    clock,
    random,
    logger,
    documents,
    pki,
    rpc,
    registry,
    events,
    clusterId,
    seed: genesis.seed,
    authorityPem: authorityCertificatePem,
    signAsController: async (text) => ({
      certificate: certificateDerBase64(secrets.controllerCertificatePem),
      signature: await pki.sign(secrets.controllerKeyPem, text),
    }),
    measuredWriteSpeed,
    freeBytes: (nodeId) => health.of(nodeId).status?.freeBytes ?? null,
    answers: (nodeId) => health.answers(nodeId),
    refusal,
  });
  const drains = createDrains({ clock, logger, documents, registry, rings, health, events, rpc });
  const clusterUrl = (): string => deps.clusterListen.advertiseUrl ?? `https://${hostInUrl(deps.clusterListen)}:${endpoint.port}`;
  const { softwareVersion } = deps;
  const settings = openSettings(documents, {
    expectedNodes: deps.expectedNodes ?? null,
    automaticRings: deps.automaticRings,
    eventRetentionDays: defaultEventRetentionDays,
  });
  const series = openTimeSeries({ clock, documents, logger, figures: () => clusterFigures(registry, health) });
  const latencies = createLatencies(registry);
  const state = createClusterState({
    clock,
    secrets: () => secrets,
    registry,
    health,
    pusher,
    rings,
    drains,
    softwareVersion,
    clusterUrl,
    settings: () => settings.current,
  });
  const healingWatch = createHealingWatch(events, clock, openToldMemory<ToldHealing>(deps, 'told-healing'));
  const nodeCalls = createNodeCalls({ registry, rpc, random, refuses: (nodeId) => refusal(nodeId) !== null });
  const recovery = createRecovery({ clusterName: secrets.clusterName, registry, rings, health, nodeCalls });
  const accounts = createAccounts({ nodes: nodeCalls, passwordHasher: deps.passwordHasher, logger });
  const bucketNames = createBucketNames({ clock, accounts });
  const sessions = createSessions({ clock, random, documents, logger });
  const administrators = createAdministrators({
    clock,
    documents,
    passwordHasher: deps.passwordHasher,
    lockOut: createLockOut(clock),
    audit,
    events,
    throttle,
  });
  const streams = createLiveStreams({ clock, events, change: () => rings.change });
  const listen = consoleListenOf(deps, secrets);
  const context: ConsoleContext = {
    clock,
    logger,
    registry,
    rings,
    drains,
    recovery,
    tokens,
    accounts,
    bucketNames,
    nodeCalls,
    sessions,
    administrators,
    events,
    audit,
    state,
    series,
    latencies,
    settings,
    metrics: () => metrics.text(),
    secure: listen.tls !== undefined,
  };
  const console: ConsoleServer = createConsoleServer({
    context,
    streams,
    listen,
    ...(deps.pagesDirectory === undefined ? {} : { pagesDirectory: deps.pagesDirectory }),
  });
  const subscriptions = new DisposableStore();
  const housekeeping = createHousekeeping({
    clock,
    logger,
    events,
    audit,
    retentionDays: () => settings.current.eventRetentionDays,
    certificateExpiresAtMs: () => pki.inspect(secrets.controllerCertificatePem)?.notAfterMs ?? 0,
    renewCertificate: async () => {
      secrets = await renewControllerCertificate(deps, secrets, certificateHosts(deps));
      if (deps.consoleListen.tls === 'cluster-authority') console.useCertificate(ownCertificate(secrets));
      await endpoint.useCredentials(credentialsOf(secrets));
    },
  });

  function watch(): void {
    subscriptions.add(registry.onChange(() => streams.changed('nodes')));
    if (deps.consoleCertificate !== undefined) subscriptions.add(deps.consoleCertificate.onChange((tls) => console.useCertificate(tls)));
    subscriptions.add(drains.onChange(() => streams.changed('nodes')));
    subscriptions.add(rings.onChange(() => streams.changed('change')));
    subscriptions.add(
      health.onStatus((nodeId, status) => {
        pusher.noteVersion(nodeId, status.membershipVersion);
        takeOver
          .look(nodeId, status)
          .catch((error: unknown) => logger.error({ nodeId, error: String(error) }, 'the list of a node could not be compared'));
        rings.noteStatus(nodeId, status);
        const name = registry.get(nodeId)?.entry.parameters.name;
        if (status.latencies) latencies.take(nodeId, status.latencies, Math.floor(clock.nowMs()));
        if (status.healing !== undefined && name !== undefined) healingWatch.look(nodeId, name, status.instanceId, status.healing);
        streams.measured();
      }),
    );
    const noteVersion = pusher.noteVersion;
    const resolve = deps.resolveHost === undefined ? {} : { resolveHost: deps.resolveHost };
    subscriptions.add(
      serveAdmission(endpoint.rpcServer, {
        clock,
        random,
        logger,
        pki,
        secrets: () => secrets,
        registry,
        tokens,
        signedList,
        events,
        refusals: throttle,
        rpc,
        activeCertificate: () => rings.certificate,
        noteVersion,
        onStranger: takeOver.takeOver,
        ...resolve,
      }),
    );
    subscriptions.add(settings.onChange(() => streams.changed('nodes')));
    subscriptions.add(startAutomatically({ clock, logger, registry, health, rings, settings }));
  }

  const consoleUrl = (): string => `${listen.tls ? 'https' : 'http'}://${hostInUrl(listen)}:${console.port}`;

  return {
    caCertificatePem: authorityCertificatePem,
    consoleUrl,
    clusterUrl,
    start: async () => {
      watch();
      await endpoint.start();
      await console.start();
      health.start();
      rings.start();
      drains.start();
      series.start();
      housekeeping.start();
      logger.info({ cluster: clusterUrl(), console: consoleUrl() }, 'the Controller has started');
    },
    stop: async () => {
      series.stop();
      health.stop();
      subscriptions.dispose();
      pusher.stop();
      await takeOver.stop();
      await console.stop();
      await drains.stop();
      await rings.stop();
      await housekeeping.stop();
      await endpoint.stop();
      events.stop();
    },
  };
}

function credentialsOf(secrets: ClusterSecrets): ClusterCredentials {
  return {
    clusterId: secrets.clusterId,
    keyPem: secrets.controllerKeyPem,
    certificatePem: secrets.controllerCertificatePem,
    authorityPem: secrets.authorityCertificatePem,
  };
}
