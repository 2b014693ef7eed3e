import type { BlobStore } from '../../base/blob-store.ts';
import { sleep, type Clock, type Timer } from '../../base/clock.ts';
import type { ClusterEndpoint } from '../../base/cluster-endpoint.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { Pki } from '../../base/pki.ts';
import type { Random } from '../../base/random.ts';
import type { Failure } from '../../base/outcome.ts';
import { jittered } from '../../base/random.ts';
import type { NodeAddresses, NodeParameters } from '../../contracts/membership.ts';
import type { BootNumbers } from '../../register/boot-number.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { RegisterView } from '../../register/register-view.ts';
import { BootRecord, otherMembers } from './boot-record.ts';
import type { ClusterMap } from './cluster-map.ts';
import { ControllerLink } from './controller-link.ts';
import { createRingsFetcher, EpochChange, type EpochChangeSettings } from './epoch-change.ts';
import { EpochGossip } from './epoch-gossip.ts';
import { EpochState, type RingBuilder } from './epoch-state.ts';
import { credentialsOf, type IdentityStore, type NodeIdentity } from './identity.ts';
import type { MembershipList } from './membership-list.ts';
import { createNodeClusterMap } from './node-cluster-map.ts';
import { createNodeRegisterView } from './node-register-view.ts';
import { ObservedSpeeds } from './observed-speeds.ts';
import { isToldWrong } from './own-entry.ts';
import { Peers } from './peers.ts';
import { refusedNode } from './refused-node.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { ServingState } from './serving-state.ts';
import { SpeedRecord } from './speeds.ts';
import { takeList } from './take-list.ts';

export interface AdminCloudControllerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pki: Pki;
  readonly documents: DocumentStore;
  readonly blobs: BlobStore;
  readonly endpoint: ClusterEndpoint;
  readonly identities: IdentityStore;
  readonly identity: NodeIdentity;
  readonly keyPem: string;
  readonly membership: MembershipList;
  readonly bootNumbers: BootNumbers;
  /** How often the names on the own disk were changed since the start. */
  readonly rowChanges: () => number;
  readonly store: RegisterStore;
  readonly epochChange?: Partial<EpochChangeSettings>;
  readonly buildRings: RingBuilder;
  readonly controllerUrl: string;
  readonly parameters: NodeParameters;
  readonly instanceId: string;
  /** Known once all ports are bound. */
  readonly addresses: () => NodeAddresses;
}

export interface NodeSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

const firstMeasureMs = 3_000;
const measurePeriodMs = 60 * 60_000;
const spacePeriodMs = 2_000;
const askAfterMs = 1_000;

/**
 * A node's side of the cluster: list, peers, epoch, boot record and the word on whether it serves.
 *
 * Invariants: it serves only with rings, with its start recorded, and neither fenced nor with a broken
 * disk; nothing here needs the Controller once a node has credentials, a list and an epoch.
 */
export class AdminCloudController {
  readonly epochs: EpochState;
  readonly changes: EpochChange;
  readonly membership: MembershipList;
  readonly peers: Peers;
  readonly clusterMap: ClusterMap;
  readonly registerView: RegisterView;
  readonly speeds: SpeedRecord;
  readonly observedSpeeds: ObservedSpeeds;
  /** The node's new certificate, after it is durable and the cluster port uses it. */
  readonly certificateRenewed = new Emitter<string>();
  readonly #deps: AdminCloudControllerDeps;
  readonly #boot: BootRecord;
  readonly #link: ControllerLink;
  readonly #gossip: EpochGossip;
  readonly #cleanup = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #identity: NodeIdentity;
  #space: NodeSpace;
  #storageFailure: Sentence | undefined;
  /** By the Controller's own word; the list that says so may never come here. */
  #revoked = false;
  #hasToldRefusal = false;
  #askTimer: Timer | undefined;

  constructor(deps: AdminCloudControllerDeps, space: NodeSpace) {
    this.#deps = deps;
    this.#identity = deps.identity;
    this.#space = space;
    this.membership = deps.membership;
    const { clock, random, logger, pki, documents, endpoint, identity, keyPem, parameters } = deps;
    const selfId = identity.nodeId;
    this.speeds = new SpeedRecord(documents);
    this.observedSpeeds = new ObservedSpeeds(clock);
    const certificatePem = (): string => this.#identity.certificatePem;
    this.epochs = new EpochState({
      documents,
      pki,
      selfId,
      genesis: identity.genesis,
      authorityPem: identity.authorityPem,
      keyPem,
      certificatePem,
      buildRings: deps.buildRings,
      store: deps.store,
      fetchRings: createRingsFetcher(endpoint.peers, selfId),
    });
    this.#boot = new BootRecord({
      clock,
      logger,
      random: deps.random,
      numbers: deps.bootNumbers,
      selfId,
      clusterId: identity.clusterId,
      epochs: this.epochs,
      changes: deps.rowChanges,
    });
    this.peers = new Peers({
      clock,
      random,
      logger,
      transport: endpoint.peers,
      others: () =>
        this.membership.nodes.filter((node) => node.id !== selfId && !this.membership.isRefused(node.id)).map((node) => node.id),
      ownPing: () => ({
        membershipVersion: this.membership.version,
        epoch: 0,
        ...this.epochs.regime,
        freeBytes: this.#space.freeBytes,
        serving: this.serving().kind === 'serving',
        boot: this.#boot.number,
      }),
      onSeen: (nodeId, message) => {
        this.#run(this.#gossip.onSeen(nodeId, message), 'gossip');
        if (message.membershipVersion > this.membership.version) this.#askSoon(message.membershipVersion);
      },
    });
    this.#gossip = new EpochGossip({ clock, logger, transport: endpoint.peers, epochs: this.epochs, membership: this.membership });
    this.#cleanup.add(this.#gossip);
    // Whoever was fenced while it could not be told finds that nobody answers: the Controller says why.
    this.#cleanup.add(this.peers.cutOff.on(() => this.#askLater()));
    this.clusterMap = createNodeClusterMap({
      selfId,
      parameters,
      membership: this.membership,
      peers: this.peers,
      ownSpace: () => this.#space,
      observed: this.observedSpeeds,
      ownSpeeds: () => this.speeds.speeds,
    });
    this.registerView = createNodeRegisterView({
      logger,
      selfId,
      boot: this.#boot,
      epochs: this.epochs,
      mayPurge: () => !this.changes.acceptor.hasAccepted,
      serving: () => this.serving().kind === 'serving',
      reachable: (id) => this.peers.isReachable(id),
    });
    this.changes = new EpochChange({
      clock,
      random,
      logger,
      pki,
      cluster: identity,
      store: deps.store,
      transport: endpoint.peers,
      epochs: this.epochs,
      boot: this.#boot,
      selfId,
      keyPem,
      certificatePem,
      reachable: (id) => this.peers.isReachable(id),
      ...(deps.epochChange && { settings: deps.epochChange }),
    });
    this.#link = new ControllerLink({
      clock,
      random,
      logger,
      pki,
      rpc: endpoint.rpcClient,
      controllerUrl: deps.controllerUrl,
      keyPem,
      certificatePem,
      announcement: () => ({
        parameters,
        addresses: deps.addresses(),
        instanceId: deps.instanceId,
        membershipVersion: this.membership.version,
      }),
      onMembership: (update) => takeList(deps, update),
      onCertificateOfEpoch: async (certificate) => {
        const adopted = await this.epochs.adopt(certificate, 'controller');
        if (!adopted.ok)
          logger.error({ code: adopted.failure.code }, `the Controller's epoch certificate was refused: ${adopted.failure.message}`);
      },
      onRenewed: (certificate) => this.#useCertificate(certificate),
      onRevoked: () => {
        this.#revoked = true;
        this.#tellRefusal();
      },
    });
  }

  get selfId(): string {
    return this.#identity.nodeId;
  }

  get identity(): NodeIdentity {
    return this.#identity;
  }

  get keyPem(): string {
    return this.#deps.keyPem;
  }

  get space(): NodeSpace {
    return this.#space;
  }

  serving(): ServingState {
    if (this.#storageFailure !== undefined)
      return { kind: 'fenced', reason: servingSentence('diskFailed', { reason: this.#storageFailure }) };
    if (this.#isRefused) return { kind: 'fenced', reason: servingSentence('refused', {}) };
    const { state } = this.#boot;
    if (state.kind === 'fenced') return state;
    if (this.epochs.current === null) return { kind: 'waiting-for-rings', reason: servingSentence('noRings', {}) };
    if (state.kind === 'waiting') return { kind: 'waiting-for-boot-record', reason: state.reason };
    return { kind: 'serving' };
  }

  get #isRefused(): boolean {
    return this.#revoked || this.membership.isRefused(this.selfId);
  }

  /** Once: what comes later says nothing new. */
  #tellRefusal(): void {
    if (this.#hasToldRefusal || !this.#isRefused) return;
    this.#hasToldRefusal = true;
    const { code, message } = refusedNode(this.selfId);
    this.#deps.logger.error({ code }, message);
  }

  /** Registers what peers may ask; before the endpoint listens. */
  prepare(): void {
    this.#cleanup.add(this.#boot.serve(this.#deps.endpoint.peers));
  }

  /**
   * The first word to the Controller after a start, before anything is served. A refusal (another
   * process with this key still answers, say) ends the start; a Controller that is away does not.
   */
  introduce(): Promise<'heard' | 'not-heard' | Failure> {
    return this.#link.announceOnce();
  }

  /** After the endpoint listens. */
  start(options: { announce: boolean }): void {
    if (this.epochs.current === null) this.#boot.recordLocally();
    else this.#loops.push(this.#guarded(this.#recordBoot(), 'recording the start'));
    const others = (): string[] => otherMembers(this.epochs, this.selfId).flat();
    this.#loops.push(
      this.#guarded(this.#boot.keepTelling(this.#deps.endpoint.peers, others, this.#abort.signal), 'telling how far this store has come'),
    );
    this.peers.start();
    this.#link.start(options);
    this.#loops.push(this.#watchSpace(), this.#measureHourly());
    this.#cleanup.add(
      this.membership.changed.on((list) => {
        this.peers.keepOnly(new Set(list.nodes.map((node) => node.id)));
        this.observedSpeeds.keepOnly((id) => this.membership.node(id) !== undefined);
        this.#tellRefusal();
        // A Controller from an older copy of its data, say, tells everybody where this node once was.
        const { parameters, addresses } = this.#deps;
        if (isToldWrong(this.membership.node(this.selfId), { parameters, addresses: addresses() })) this.#link.announceAgain();
      }),
    );
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#askTimer?.cancel();
    this.peers.stop();
    this.#cleanup.dispose();
    await Promise.all([this.changes.stop(), this.#link.stop(), ...this.#loops]);
  }

  /** The register's disk is broken: nothing is served any more. */
  storageFailed(reason: Sentence): void {
    this.#storageFailure ??= reason;
  }

  askMembership(version: number): void {
    this.#run(this.#link.askMembership(version), 'asking for a newer list');
  }

  #askLater(): void {
    this.#askTimer ??= this.#deps.clock.schedule(askAfterMs, () => {
      this.#askTimer = undefined;
      this.askMembership(this.membership.version);
    });
  }

  /** A peer has a newer list. The push is probably on its way; asks when it has not come within a second. */
  #askSoon(version: number): void {
    if (this.#askTimer !== undefined) return;
    this.#askTimer = this.#deps.clock.schedule(askAfterMs, () => {
      this.#askTimer = undefined;
      if (version > this.membership.version) this.askMembership(this.membership.version);
    });
  }

  #recordBoot(): Promise<void> {
    return this.#boot.recordAtPeers(this.#deps.endpoint.peers, () => otherMembers(this.epochs, this.selfId), this.#abort.signal);
  }

  async #useCertificate(certificatePem: string): Promise<void> {
    const { pki, identities, keyPem, endpoint, logger } = this.#deps;
    const { authorityPem, nodeId } = this.#identity;
    const facts = pki.inspect(certificatePem);
    if (
      facts === undefined ||
      facts.id !== nodeId ||
      !(await pki.isIssuedBy(certificatePem, authorityPem)) ||
      (await pki.publicKeyDigest(certificatePem)) !== (await pki.publicKeyDigest(keyPem))
    ) {
      logger.error({}, 'the renewed certificate does not belong to this node and is not used');
      return;
    }
    this.#identity = { ...this.#identity, certificatePem };
    identities.save(this.#identity);
    await endpoint.useCredentials(credentialsOf(this.#identity, keyPem));
    this.certificateRenewed.emit(certificatePem);
    logger.info({ notAfter: new Date(facts.notAfterMs).toISOString() }, 'the certificate of this node was renewed');
  }

  async #watchSpace(): Promise<void> {
    const { clock, random, blobs } = this.#deps;
    while (!this.#abort.signal.aborted) {
      await this.#guarded(
        blobs.space().then((space) => void (this.#space = space)),
        'reading the free space',
      );
      await sleep(clock, jittered(random, spacePeriodMs), this.#abort.signal);
    }
  }

  /** Not while the node starts, nor in step with others that were started beside it: that would make every disk look slow. */
  async #measureHourly(): Promise<void> {
    const { clock, random, blobs, logger } = this.#deps;
    await sleep(clock, jittered(random, firstMeasureMs, 0.8), this.#abort.signal);
    while (!this.#abort.signal.aborted) {
      await this.#guarded(this.speeds.measure({ clock, random, blobs, logger }), 'measuring speeds');
      await sleep(clock, jittered(random, measurePeriodMs), this.#abort.signal);
    }
  }

  #run(task: Promise<void>, what: string): void {
    void this.#guarded(task, what);
  }

  async #guarded(task: Promise<void>, what: string): Promise<void> {
    try {
      await task;
    } catch (error) {
      this.#deps.logger.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, `${what} failed`);
    }
  }
}
