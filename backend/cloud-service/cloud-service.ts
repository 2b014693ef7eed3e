import type { ClusterEndpoint } from '../base/cluster-endpoint.ts';
import { toHex } from '../base/bytes.ts';
import type { Service } from '../base/lifecycle.ts';
import { isLoopback } from '../base/loopback.ts';
import { FailureError, unwrap, type Failure } from '../base/outcome.ts';
import { failure } from '../contracts/errors.ts';
import type { NodeAddresses } from '../contracts/membership.ts';
import { passedOn } from '../contracts/passed-on.ts';
import { servingSentence } from '../contracts/serving-texts.ts';
import type { Sentence } from '../contracts/spoken.ts';
import { storageSentence } from '../contracts/storage-texts.ts';
import { openBootNumbers } from '../register/boot-number.ts';
import { countRowChanges } from '../register/row-changes.ts';
import { buildRingSet } from '../ring/build-ring-set.ts';
import { AdminCloudController } from './admin-cloud-controller/admin-cloud-controller.ts';
import type { RingBuilder } from './admin-cloud-controller/epoch-state.ts';
import { credentialsOf, IdentityStore, type NodeIdentity } from './admin-cloud-controller/identity.ts';
import { joinCluster } from './admin-cloud-controller/join.ts';
import { MembershipList } from './admin-cloud-controller/membership-list.ts';
import { refusedNode } from './admin-cloud-controller/refused-node.ts';
import { guardBlobStore } from './storage/guarded-blob-store.ts';
import type { CloudServiceDeps, CloudServiceOptions } from './cloud-service-deps.ts';
import { composeUserServices, type UserServices } from './user-services.ts';

export interface CloudService extends Service {
  /** Empty until the node has joined. */
  readonly nodeId: string;
  /** What others are told; real ports once started. */
  readonly addresses: NodeAddresses;
  /** Resolves when the node cannot go on (a broken disk). The owner then stops it and ends the process. */
  readonly ended: Promise<{ readonly reason: string }>;
}

interface Running {
  readonly endpoint: ClusterEndpoint;
  readonly controller: AdminCloudController;
  readonly services: UserServices;
}

const buildRings: RingBuilder = (proposal, seed, previous) =>
  buildRingSet({
    previous,
    nodes: proposal.members.map(({ id, zone, weight }) => ({ id, zone, weight })),
    partitionPower: proposal.partitionPower,
    replicas: proposal.replicas,
    seed,
  });

/**
 * One Cloud Service. Builds only; `start()` joins where needed and listens, `stop()` leaves nothing
 * behind (the stores are the caller's). Throws `FailureError` when it cannot join.
 */
export function createCloudService(deps: CloudServiceDeps): CloudService {
  const { options, logger } = deps;
  const identities = new IdentityStore(deps.documents, deps.pki);
  const instanceId = toHex(deps.random.bytes(16));
  const end = Promise.withResolvers<{ reason: string }>();
  let running: Running | undefined;

  const addresses = (): NodeAddresses =>
    addressesOf(options, {
      cluster: running?.endpoint.port ?? knownPort(options.ports.cluster),
      s3: running?.services.s3Port ?? knownPort(options.ports.s3),
      dashboard: running?.services.dashboardPort ?? knownPort(options.ports.dashboard),
    });

  const join = async (): Promise<{ identity: NodeIdentity; membership?: unknown }> => {
    const known = identities.identity();
    const expiredAtMs = known && deps.pki.inspect(known.certificatePem)?.notAfterMs;
    const isExpired = expiredAtMs !== undefined && expiredAtMs <= deps.clock.nowMs();
    if (known !== undefined && !isExpired) return { identity: known };
    if (options.joinToken === undefined) {
      if (isExpired) throw new FailureError(certificateExpired(expiredAtMs));
      throw new FailureError(
        failure(
          'InvalidArgument',
          'This node has not joined a cluster yet and has no join token. Create one in the console ("Add a Cloud Service") or with "mcos token create", and start the node with --join TOKEN.',
        ),
      );
    }
    const joined = unwrap(
      await joinCluster(
        { joinClient: deps.joinClient, pki: deps.pki, identities },
        {
          controllerUrl: options.controllerUrl,
          token: options.joinToken,
          parameters: options.parameters,
          addresses: addresses(),
          instanceId,
        },
      ),
    );
    logger.info({ nodeId: joined.identity.nodeId, clusterId: joined.identity.clusterId }, 'joined the cluster');
    return joined;
  };

  const start = async (): Promise<void> => {
    if (running !== undefined) throw new Error('the Cloud Service is started already');
    const toldAddresses = addresses();
    const { identity, membership: firstList } = await join();
    const keyPem = await identities.key();
    const membership = new MembershipList({
      documents: deps.documents,
      pki: deps.pki,
      clusterId: identity.clusterId,
      controllerCertificatePem: () => identity.controllerCertificatePem,
    });
    if (firstList !== undefined) unwrap(await membership.apply(firstList));
    // The list was signed by the Controller, so this holds when it cannot be asked, too.
    if (membership.isRefused(identity.nodeId)) throw new FailureError(refusedNode(identity.nodeId));
    let whyNotServing = (): Sentence | undefined => servingSentence('starting', {});
    const blobStore = guardBlobStore(deps.blobStore, {
      isLeaving: () => membership.node(identity.nodeId)?.state === 'draining',
      whyNotServing: () => whyNotServing(),
    });
    let metricsText = (): Promise<string> => Promise.resolve('');
    let healthText = (): { status: number; body: string } => ({ status: 503, body: '{"serving":"starting"}\n' });
    const endpoint = deps.endpointFactory({
      credentials: credentialsOf(identity, keyPem),
      listen: { host: options.listenHost, port: options.ports.cluster },
      addressOf: (nodeId) => membership.node(nodeId)?.addresses.cluster,
      isRefused: (from) => {
        if (from.kind === 'node') return membership.isRefused(from.nodeId);
        return from.kind === 'controller' && from.controllerId !== identity.genesis.controllerId;
      },
      blobs: blobStore,
      health: () => healthText(),
      metrics: () => metricsText(),
    });
    const rows = countRowChanges(deps.registerStore);
    const bootNumbers = await openBootNumbers(deps.registerStore);
    const controller = new AdminCloudController(
      {
        clock: deps.clock,
        random: deps.random,
        logger,
        pki: deps.pki,
        documents: deps.documents,
        blobs: deps.blobStore,
        endpoint,
        identities,
        identity,
        keyPem,
        membership,
        bootNumbers,
        rowChanges: rows.changes,
        store: rows.store,
        buildRings,
        ...(options.epochChange && { epochChange: options.epochChange }),
        controllerUrl: options.controllerUrl,
        parameters: options.parameters,
        instanceId,
        addresses,
      },
      await deps.blobStore.space(),
    );
    whyNotServing = () => {
      const serving = controller.serving();
      return serving.kind === 'serving' ? undefined : serving.reason;
    };
    const onFatal = (why: Sentence): void => {
      controller.storageFailed(why);
      const reason = why.sentence;
      logger.error({ reason }, 'this node cannot go on');
      end.resolve({ reason });
    };
    void deps.blobStore.failed.then((failed) => onFatal(passedOn(failed)));
    const hasher = await deps.nameHasherFactory(identity.genesis.seed);
    const services = composeUserServices({
      ...deps,
      blobStore,
      registerStore: rows.store,
      endpoint,
      controller,
      hasher,
      instanceId,
      addresses,
    });
    void deps.registerStore.failed.then((failed) => onFatal(storageSentence('namesFailed', { reason: passedOn(failed) })));
    running = { endpoint, controller, services };
    metricsText = () => services.metrics();
    healthText = () => {
      const serving = controller.serving();
      return {
        status: serving.kind === 'serving' ? 200 : 503,
        body: `${JSON.stringify({ serving: serving.kind, ...(serving.kind === 'serving' ? {} : { reason: serving.reason.sentence }) })}\n`,
      };
    };
    controller.prepare();
    await endpoint.start();
    await services.start();
    const announced = firstList !== undefined && JSON.stringify(toldAddresses) === JSON.stringify(addresses());
    const introduced = announced ? 'heard' : await controller.introduce();
    if (typeof introduced === 'object') throw new FailureError(introduced);
    controller.start({ announce: introduced === 'not-heard' });
    logger.info({ nodeId: identity.nodeId, ...addresses() }, 'the Cloud Service has started');
  };

  return {
    get nodeId() {
      return identities.identity()?.nodeId ?? '';
    },
    get addresses() {
      return addresses();
    },
    ended: end.promise,
    start,
    stop: async () => {
      if (running === undefined) return;
      const { endpoint, controller, services } = running;
      running = undefined;
      await services.stop();
      await controller.stop();
      await endpoint.stop();
    },
  };
}

/** Away for longer than a certificate lives: it keeps its key, and with that its id. */
function certificateExpired(atMs: number): Failure {
  return failure(
    'Revoked',
    `The certificate of this node expired on ${new Date(atMs).toISOString()}, because it was away too long to renew it. Create a join token and start it once with --join TOKEN: it keeps its id and its data.`,
  );
}

/** A port the system chooses is known once it is bound, after joining: port 1 until the announcement corrects it. */
function knownPort(port: number): number {
  return port === 0 ? 1 : port;
}

function addressesOf(options: CloudServiceOptions, ports: { cluster: number; s3: number; dashboard: number }): NodeAddresses {
  const host = options.listenHost === '0.0.0.0' || options.listenHost === '::' ? 'localhost' : options.listenHost;
  const shown = host.includes(':') ? `[${host}]` : host;
  const scheme = isLoopback(options.listenHost) ? 'http' : 'https';
  return {
    cluster: options.advertise?.cluster ?? `https://${shown}:${ports.cluster}`,
    s3: options.advertise?.s3 ?? `${scheme}://${shown}:${ports.s3}`,
    dashboard: options.advertise?.dashboard ?? `${scheme}://${shown}:${ports.dashboard}`,
  };
}
