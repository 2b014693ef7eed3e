import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';
import { EpochCertificate, type EpochAcknowledgement, type EpochProposal, type GenesisRecord } from '../../contracts/epoch.ts';
import { failure } from '../../contracts/errors.ts';
import type { RingSet } from '../../ring/ring.ts';
import { acknowledgementText, certificateDerBase64, verifyFirstEpochCertificate } from './epoch-verification.ts';
import { createMessageChecker, encodeJson } from './message.ts';

/** Computes the three rings of a proposal; pure. */
export type RingBuilder = (proposal: EpochProposal, seed: string) => RingSet;

export interface EpochStateDeps {
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly selfId: string;
  readonly genesis: GenesisRecord;
  readonly authorityPem: string;
  readonly keyPem: string;
  readonly certificatePem: () => string;
  readonly buildRings: RingBuilder;
}

/** The active epoch with the rings this node computed itself. */
export interface ActiveEpoch {
  readonly certificate: EpochCertificate;
  readonly certificateBytes: Uint8Array;
  readonly rings: RingSet;
}

/** Who hands a certificate over: only the genesis Controller may bring back an attempt that was withdrawn here. */
export type CertificateSource = 'controller' | 'peer';

interface StoredEpochState {
  readonly format: 1;
  readonly certificate: EpochCertificate | null;
  /** Attempts up to this one will never be served on a peer's word. */
  readonly withdrawnAttempt: number;
  readonly acknowledged: { readonly attempt: number; readonly digest: string } | null;
}

const certificateChecker = createMessageChecker('epoch certificate', EpochCertificate);

/**
 * First epoch, the member's side (protocol section 2).
 *
 * Invariants: everything answered is durable; one digest per attempt is acknowledged; a later attempt is
 * acknowledged only once the earlier is withdrawn; a certificate, once adopted, is never given up.
 */
export class EpochState {
  readonly adopted = new Emitter<ActiveEpoch>();
  readonly #deps: EpochStateDeps;
  #stored: StoredEpochState;
  #active: ActiveEpoch | null = null;
  #computed: { readonly text: string; readonly rings: RingSet } | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: EpochStateDeps) {
    this.#deps = deps;
    this.#stored = deps.documents.get<StoredEpochState>('epoch', 'state') ?? {
      format: 1,
      certificate: null,
      withdrawnAttempt: 0,
      acknowledged: null,
    };
    const { certificate } = this.#stored;
    if (certificate === null) return;
    const rings = this.#compute(certificate.proposal);
    if (rings.digest !== certificate.digest)
      throw new Error(
        `the rings of epoch ${certificate.proposal.epoch} were adopted as ${certificate.digest}, but this version computes ${rings.digest}: run the version that wrote this data`,
      );
    this.#active = { certificate, certificateBytes: encodeJson(certificate), rings };
  }

  get active(): ActiveEpoch | null {
    return this.#active;
  }

  get epoch(): number {
    return this.#active?.certificate.proposal.epoch ?? 0;
  }

  /** `rings-confirm`: computes, stores nothing. */
  confirm(proposal: EpochProposal): Outcome<RingSet> {
    const sound = this.#checkProposal(proposal);
    return sound.ok ? success(this.#compute(proposal)) : sound;
  }

  /** `rings-acknowledge`: durable, then signed. */
  acknowledge(
    proposal: EpochProposal,
    digest: string,
  ): Promise<Outcome<{ acknowledgement: EpochAcknowledgement } | { certificate: EpochCertificate }>> {
    return this.#inOrder(async () => {
      if (this.#active !== null) return success({ certificate: this.#active.certificate });
      const sound = this.#checkProposal(proposal);
      if (!sound.ok) return sound;
      const { acknowledged, withdrawnAttempt } = this.#stored;
      if (proposal.attempt <= withdrawnAttempt)
        return failed(
          failure('EpochConflict', `Attempt ${proposal.attempt} at the first epoch was withdrawn here (up to ${withdrawnAttempt}).`),
        );
      if (
        acknowledged !== null &&
        acknowledged.attempt > withdrawnAttempt &&
        (acknowledged.attempt !== proposal.attempt || acknowledged.digest !== digest)
      ) {
        return failed(
          failure(
            'EpochConflict',
            `This node has acknowledged attempt ${acknowledged.attempt} with digest ${acknowledged.digest}; withdraw it before attempt ${proposal.attempt}.`,
          ),
        );
      }
      const rings = this.#compute(proposal);
      if (rings.digest !== digest)
        return failed(
          failure('DigestMismatch', `This node computes the digest ${rings.digest} for attempt ${proposal.attempt}, not ${digest}.`, {
            digest: rings.digest,
          }),
        );
      this.#store({ ...this.#stored, acknowledged: { attempt: proposal.attempt, digest } });
      const signature = await this.#deps.pki.sign(this.#deps.keyPem, acknowledgementText(proposal, digest));
      return success({
        acknowledgement: { nodeId: this.#deps.selfId, certificate: certificateDerBase64(this.#deps.certificatePem()), signature },
      });
    });
  }

  /** `rings-withdraw`: durable word never to serve attempts up to `attempt`, or the certificate. */
  withdraw(epoch: number, attempt: number): Promise<Outcome<{ withdrawn: true } | { certificate: EpochCertificate }>> {
    return this.#inOrder(async (): Promise<Outcome<{ withdrawn: true } | { certificate: EpochCertificate }>> => {
      if (this.#active !== null) return success({ certificate: this.#active.certificate });
      if (epoch !== 1) return failed(failure('InvalidArgument', `Only attempts at epoch 1 can be withdrawn, not at epoch ${epoch}.`));
      this.#store({ ...this.#stored, withdrawnAttempt: Math.max(attempt, this.#stored.withdrawnAttempt) });
      return success({ withdrawn: true });
    });
  }

  /** `rings-adopt` and gossip: verified, computed, durable, then served. Adopting again succeeds. */
  adopt(body: unknown, source: CertificateSource): Promise<Outcome<ActiveEpoch>> {
    return this.#inOrder(async () => {
      const checked = certificateChecker.check(body);
      if (!checked.ok) return checked;
      const certificate = checked.value;
      const { proposal, digest } = certificate;
      if (this.#active !== null) {
        if (proposal.epoch < this.epoch || (proposal.epoch === this.epoch && this.#active.certificate.digest === digest))
          return success(this.#active);
        if (proposal.epoch === this.epoch)
          return failed(
            failure(
              'EpochConflict',
              `Epoch ${this.epoch} is ${this.#active.certificate.digest} here, not ${digest}. Report this: an epoch must have one digest.`,
            ),
          );
      }
      const verified = await verifyFirstEpochCertificate(this.#deps.pki, certificate, {
        clusterId: this.#deps.genesis.clusterId,
        authorityPem: this.#deps.authorityPem,
      });
      if (!verified.ok) return verified;
      const { withdrawnAttempt, acknowledged } = this.#stored;
      // Only the Controller knows that a withdrawal did not go through everywhere and that no later attempt was made.
      if (
        proposal.attempt <= withdrawnAttempt &&
        (source !== 'controller' || (acknowledged !== null && acknowledged.attempt > withdrawnAttempt))
      ) {
        return failed(
          failure('EpochConflict', `Attempt ${proposal.attempt} at the first epoch was withdrawn here (up to ${withdrawnAttempt}).`),
        );
      }
      const rings = this.#compute(proposal);
      if (rings.digest !== digest)
        return failed(
          failure('DigestMismatch', `This node computes the digest ${rings.digest} for epoch ${proposal.epoch}, not ${digest}.`, {
            digest: rings.digest,
          }),
        );
      this.#store({ ...this.#stored, certificate });
      this.#active = { certificate, certificateBytes: encodeJson(certificate), rings };
      this.adopted.emit(this.#active);
      return success(this.#active);
    });
  }

  #checkProposal(proposal: EpochProposal): Outcome<void> {
    const { clusterId } = this.#deps.genesis;
    if (proposal.clusterId !== clusterId)
      return failed(failure('WrongCluster', `The rings are for cluster ${proposal.clusterId}; this node is in ${clusterId}.`));
    if (proposal.epoch !== this.epoch + 1)
      return failed(failure('EpochConflict', `This node is in epoch ${this.epoch}; the next is ${this.epoch + 1}, not ${proposal.epoch}.`));
    if (proposal.epoch !== 1) return failed(failure('NotImplemented', 'This version makes the first epoch only.'));
    if (!proposal.members.some((member) => member.id === this.#deps.selfId))
      return failed(failure('InvalidArgument', `This node (${this.#deps.selfId}) is not among the members of the proposal.`));
    if (new Set(proposal.members.map((member) => member.id)).size !== proposal.members.length)
      return failed(failure('InvalidArgument', 'A member is named twice in the proposal.'));
    return success(undefined);
  }

  #compute(proposal: EpochProposal): RingSet {
    const { attempt: _attempt, membershipVersion: _version, ...input } = proposal;
    const text = canonicalJson(input);
    if (this.#computed?.text !== text) this.#computed = { text, rings: this.#deps.buildRings(proposal, this.#deps.genesis.seed) };
    return this.#computed.rings;
  }

  #store(state: StoredEpochState): void {
    this.#deps.documents.commit([{ kind: 'put', collection: 'epoch', key: 'state', document: state }]);
    this.#stored = state;
  }

  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
