import type { DocumentStore } from '../../base/document-store.ts';
import { Emitter } from '../../base/emitter.ts';
import { failed, FailureError, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';
import { EpochCertificate, type EpochAcknowledgement, type EpochProposal, type GenesisRecord } from '../../contracts/epoch.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { otherDigest, withdrawnHere } from './epoch-refusals.ts';
import { checkProposal } from '../../epochs/check-proposal.ts';
import { encodeRings, decodeRings } from '../../epochs/ring-codec.ts';
import { certificateDerBase64 } from '../../epochs/member-signature.ts';
import { regimeOf } from '../../epochs/recovery.ts';
import {
  acknowledgementText,
  predecessorIn,
  verifyChangeCertificate,
  verifyFirstEpochCertificate,
} from '../../epochs/verify-certificate.ts';
import type { EncodedRings } from '../../contracts/epoch-change.ts';
import type { RegisterStore, RegisterWrite } from '../../register/register-store.ts';
import type { Regime } from '../../register/register-view.ts';
import { compareRegimes, regimeNumber } from '../../register/register-view.ts';
import type { RingSet } from '../../ring/ring.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';
import { rowsToDrop, type EpochPlant } from './rows-to-drop.ts';

/** Computes the three rings of a proposal from those of the epoch before (null: the first); pure. */
export type RingBuilder = (proposal: EpochProposal, seed: string, previous: RingSet | null) => RingSet;

export interface EpochStateDeps {
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly selfId: string;
  readonly genesis: GenesisRecord;
  readonly authorityPem: string;
  readonly keyPem: string;
  readonly certificatePem: () => string;
  readonly buildRings: RingBuilder;
  /** Where adopted epochs are kept: in one transaction with the rows that they take away. */
  readonly store: Pick<RegisterStore, 'readState' | 'write'>;
  /** Rings of an epoch that was missed here, from `from` or any other node. */
  readonly fetchRings: (digest: string, from: string | null, holders: readonly string[]) => Promise<EncodedRings | undefined>;
  readonly plants?: ReadonlySet<EpochPlant>;
}

/** An epoch as it stands, with its rings, and while it comes in with the epoch that it follows. */
export interface EpochView {
  readonly certificate: EpochCertificate;
  readonly certificateBytes: Uint8Array;
  readonly rings: RingSet;
  /** In phases joint and sync. */
  readonly previous: { readonly certificate: EpochCertificate; readonly rings: RingSet } | null;
}

/** An active epoch with the rings this node computed itself. */
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

interface StoredAdoption {
  readonly format: 1;
  readonly certificate: EpochCertificate;
  /** Certificate of the epoch before, while that is not retired. */
  readonly previous: EpochCertificate | null;
}

const adoptedState = 'epoch/adopted';
const ringsCollection = 'rings';

const certificateChecker = createMessageChecker('epoch certificate', EpochCertificate);

/**
 * The epochs as this node knows them: the member's side of the first, and the adoption of all (protocol section 2).
 *
 * Invariants: what is shown never falls back, restarts included; an epoch is shown only after its adoption, with the
 * rows it takes away, is durable, and nothing is admitted by the rules before while that is under way; everything answered is durable; one digest per attempt is acknowledged; a later attempt is
 * acknowledged only once the earlier is withdrawn; a certificate, once adopted, is never given up.
 */
export class EpochState {
  readonly adopted = new Emitter<EpochView>();
  readonly #deps: EpochStateDeps;
  #stored: StoredEpochState;
  #current: EpochView | null = null;
  #adopting: Promise<void> | null = null;
  #computed: { readonly text: string; readonly rings: RingSet } | null = null;
  readonly #adoptions = new Map<string, Promise<Outcome<EpochView>>>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: EpochStateDeps) {
    this.#deps = deps;
    this.#stored = deps.documents.get<StoredEpochState>('epoch', 'state') ?? {
      format: 1,
      certificate: null,
      withdrawnAttempt: 0,
      acknowledged: null,
    };
    const bytes = deps.store.readState(adoptedState);
    const adoption = bytes === undefined ? null : (decodeJson(bytes) as StoredAdoption);
    const certificate = adoption?.certificate ?? this.#stored.certificate;
    if (certificate === null) return;
    const previous = adoption?.previous ?? null;
    this.#current = {
      certificate,
      certificateBytes: encodeJson(certificate),
      rings: this.#ringsOnDisk(certificate),
      previous: previous === null ? null : { certificate: previous, rings: this.#ringsOnDisk(previous) },
    };
  }

  /** The newest epoch known, in whatever phase. */
  get current(): EpochView | null {
    return this.#current;
  }

  /** The epoch whose replicas hold everything: the newest, or the one before while that still comes in. */
  get active(): ActiveEpoch | null {
    const { previous } = this.#current ?? {};
    return previous ? { ...previous, certificateBytes: encodeJson(previous.certificate) } : this.#current;
  }

  /** Number of the newest epoch known; 0: none. */
  get epoch(): number {
    return this.#current?.certificate.proposal.epoch ?? 0;
  }

  get regime(): Regime | null {
    return this.#current === null ? null : regimeOf(this.#current.certificate);
  }

  /** Settles when the adoption under way is over; null: none is. */
  get adopting(): Promise<void> | null {
    return this.#adopting;
  }

  /** Rings of an epoch known here, by digest. */
  encodedRings(digest: string): EncodedRings | undefined {
    for (const view of [this.#current, this.#current?.previous])
      if (view && view.rings.digest === digest) return encodeRings(view.certificate.proposal, view.rings);
    return this.#deps.documents.get<EncodedRings>(ringsCollection, digest);
  }

  /** `rings-confirm`: computes, stores nothing. */
  confirm(proposal: EpochProposal): Outcome<RingSet> {
    const sound = this.#checkProposal(proposal);
    return sound.ok ? success(this.#compute(proposal, null)) : sound;
  }

  /** The rings of a later epoch's proposal, built on those of the epoch before (`previous` for a node that does not have them). */
  computeNext(proposal: EpochProposal, previous: EncodedRings | undefined): Outcome<RingSet> {
    const own = [this.#current, this.#current?.previous].find((view) => view?.rings.digest === proposal.previousDigest)?.rings;
    if (own !== undefined) return this.#computeChecked(proposal, own);
    const given = previous?.digest === proposal.previousDigest ? previous : undefined;
    if (given === undefined)
      return failed(
        spokenFailure(
          'EpochConflict',
          epochRefusalSentence('followsUnknown', { epoch: String(proposal.epoch), digest: proposal.previousDigest ?? '' }),
        ),
      );
    const rings = decodeRings(given);
    return rings.ok ? this.#computeChecked(proposal, rings.value) : rings;
  }

  /** `rings-acknowledge`: durable, then signed. */
  acknowledge(
    proposal: EpochProposal,
    digest: string,
  ): Promise<Outcome<{ acknowledgement: EpochAcknowledgement } | { certificate: EpochCertificate }>> {
    return this.#inOrder(async (): Promise<Outcome<{ acknowledgement: EpochAcknowledgement } | { certificate: EpochCertificate }>> => {
      if (this.#current !== null) return success({ certificate: this.#current.certificate });
      const sound = this.#checkProposal(proposal);
      if (!sound.ok) return sound;
      const { acknowledged, withdrawnAttempt } = this.#stored;
      if (proposal.attempt <= withdrawnAttempt) return failed(withdrawnHere(proposal, withdrawnAttempt));
      if (
        acknowledged !== null &&
        acknowledged.attempt > withdrawnAttempt &&
        (acknowledged.attempt !== proposal.attempt || acknowledged.digest !== digest)
      ) {
        return failed(
          spokenFailure(
            'EpochConflict',
            epochRefusalSentence('otherAttempt', {
              acknowledged: String(acknowledged.attempt),
              digest: acknowledged.digest,
              attempt: String(proposal.attempt),
            }),
          ),
        );
      }
      const rings = this.#compute(proposal, null);
      if (rings.digest !== digest)
        return failed(
          spokenFailure(
            'DigestMismatch',
            epochRefusalSentence('otherDigestOfAttempt', { computed: rings.digest, attempt: String(proposal.attempt), digest }),
            { digest: rings.digest },
          ),
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
      if (this.#current !== null) return success({ certificate: this.#current.certificate });
      if (epoch !== 1) return failed(spokenFailure('InvalidArgument', epochRefusalSentence('onlyFirst', { epoch: String(epoch) })));
      this.#store({ ...this.#stored, withdrawnAttempt: Math.max(attempt, this.#stored.withdrawnAttempt) });
      return success({ withdrawn: true });
    });
  }

  /** `rings-adopt` and gossip: verified, computed, durable, then served. Adopting again succeeds. */
  adopt(body: unknown, source: CertificateSource, from: string | null = null): Promise<Outcome<EpochView>> {
    const checked = certificateChecker.check(body);
    if (!checked.ok) return Promise.resolve(checked);
    const certificate = checked.value;
    const { proposal } = certificate;
    const known = this.regime;
    if (known !== null && proposal.epoch < known.epoch) return Promise.resolve(success(this.#current as EpochView));
    if (proposal.epoch === 1) return this.#adoptInOrder(certificate, source, from);
    // Every message of a peer that is ahead brings it along: one of each phase waits, not one of each message.
    const id = `${proposal.epoch} ${regimeNumber(regimeOf(certificate))}`;
    const running = this.#adoptions.get(id);
    if (running !== undefined) return running;
    const adoption = this.#adoptInOrder(certificate, source, from).finally(() => this.#adoptions.delete(id));
    this.#adoptions.set(id, adoption);
    return adoption;
  }

  #adoptInOrder(certificate: EpochCertificate, source: CertificateSource, from: string | null): Promise<Outcome<EpochView>> {
    return this.#inOrder(async () => {
      const { proposal, digest } = certificate;
      if (this.#current !== null) {
        if (proposal.epoch === this.epoch && this.#current.certificate.digest !== digest) return this.#twoDigests(proposal.epoch, digest);
        if (compareRegimes(regimeOf(certificate), this.regime as Regime) <= 0) return success(this.#current);
      }
      if (proposal.epoch > 1) return this.#adoptChange(certificate, from);
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
        return failed(withdrawnHere(proposal, withdrawnAttempt));
      }
      const rings = this.#compute(proposal, null);
      if (rings.digest !== digest) return failed(otherDigest(rings.digest, proposal, digest));
      this.#store({ ...this.#stored, certificate });
      this.#current = { certificate, certificateBytes: encodeJson(certificate), rings, previous: null };
      this.adopted.emit(this.#current);
      return success(this.#current);
    });
  }

  /** A later epoch, or its next phase: verified, its rings found, then durable together with the rows it takes away. */
  async #adoptChange(certificate: EpochCertificate, from: string | null): Promise<Outcome<EpochView>> {
    const { pki, genesis, authorityPem } = this.#deps;
    const cluster = { clusterId: genesis.clusterId, authorityPem };
    const before = this.#current;
    const known = predecessorIn([before, before?.previous], certificate.proposal.epoch);
    const verified = await verifyChangeCertificate(pki, certificate, cluster, known);
    if (!verified.ok) return verified;
    const found = await this.#viewOf(certificate, from);
    if (!found.ok) return found;
    const view = found.value;
    const writes: RegisterWrite[] = rowsToDrop(before, view, this.#deps).map((range) => ({ kind: 'delete-range', ...range }));
    const adoption: StoredAdoption = { format: 1, certificate, previous: view.previous?.certificate ?? null };
    writes.push({ kind: 'state', name: adoptedState, bytes: encodeJson(adoption) });
    this.#saveRings(view);
    const committed = this.#deps.store.write(writes).then(
      () => {
        this.#current = view;
      },
      (error: unknown) => {
        const reason = error instanceof FailureError ? passedOn(error.failure) : String(error);
        return spokenFailure('StorageFailed', storageSentence('epochUnstored', { epoch: String(certificate.proposal.epoch), reason }));
      },
    );
    this.#adopting = committed.then(() => {
      this.#adopting = null;
    });
    const broken = await committed;
    if (broken !== undefined) return failed(broken);
    this.adopted.emit(view);
    return success(view);
  }

  async #viewOf(certificate: EpochCertificate, from: string | null): Promise<Outcome<EpochView>> {
    const { proposal, digest, phase, decision } = certificate;
    const current = this.#current;
    const bytes = encodeJson(certificate);
    if (current !== null && this.epoch === proposal.epoch)
      return success({
        certificate,
        certificateBytes: bytes,
        rings: current.rings,
        previous: phase === 'active' ? null : current.previous,
      });
    const predecessor = current !== null && this.epoch === proposal.epoch - 1 ? current : undefined;
    if (predecessor !== undefined && predecessor.rings.digest !== proposal.previousDigest)
      return this.#twoDigests(this.epoch, proposal.previousDigest ?? '');
    const holders = [...(decision?.predecessor.members ?? []), ...proposal.members].map(({ id }) => id);
    const rings = predecessor ? success(this.#compute(proposal, predecessor.rings)) : await this.#fetch(digest, from, holders);
    if (!rings.ok) return rings;
    if (rings.value.digest !== digest) return failed(otherDigest(rings.value.digest, proposal, digest));
    if (phase === 'active') return success({ certificate, certificateBytes: bytes, rings: rings.value, previous: null });
    const before = predecessor
      ? success({ certificate: predecessor.certificate, rings: predecessor.rings })
      : await this.#fetchPrevious(certificate, from, holders);
    return before.ok ? success({ certificate, certificateBytes: bytes, rings: rings.value, previous: before.value }) : before;
  }

  /** The epoch before, for a node that has missed it: its certificate is not needed any more, its members and rings are. */
  async #fetchPrevious(
    certificate: EpochCertificate,
    from: string | null,
    holders: readonly string[],
  ): Promise<Outcome<NonNullable<EpochView['previous']>>> {
    const digest = certificate.proposal.previousDigest ?? '';
    const rings = await this.#fetch(digest, from, holders);
    const proposal = certificate.decision?.predecessor;
    if (!rings.ok || proposal === undefined) return rings.ok ? this.#twoDigests(this.epoch, digest) : rings;
    return success({ certificate: { format: 1, proposal, digest, phase: 'active', acknowledgements: [] }, rings: rings.value });
  }

  async #fetch(digest: string, from: string | null, holders: readonly string[]): Promise<Outcome<RingSet>> {
    const encoded = this.encodedRings(digest) ?? (await this.#deps.fetchRings(digest, from, holders));
    if (encoded === undefined || encoded.digest !== digest)
      return failed(spokenFailure('NotReady', epochRefusalSentence('ringsNowhere', { digest })));
    return decodeRings(encoded);
  }

  #saveRings({ certificate, rings, previous }: EpochView): void {
    const wanted = [{ certificate, rings }, ...(previous === null ? [] : [previous])];
    const digests = new Set(wanted.map((view) => view.rings.digest));
    const { documents } = this.#deps;
    const stored = documents.list(ringsCollection).map(({ key }) => key);
    documents.commit([
      ...wanted.map(
        (view) =>
          ({
            kind: 'put',
            collection: ringsCollection,
            key: view.rings.digest,
            document: encodeRings(view.certificate.proposal, view.rings),
          }) as const,
      ),
      // Those in use until this adoption is durable stay until the next.
      ...stored
        .filter((key) => !digests.has(key) && key !== this.#current?.rings.digest && key !== this.#current?.previous?.rings.digest)
        .map((key) => ({ kind: 'delete', collection: ringsCollection, key }) as const),
    ]);
  }

  #ringsOnDisk({ proposal, digest }: EpochCertificate): RingSet {
    if (proposal.epoch > 1) {
      const encoded = this.#deps.documents.get<EncodedRings>(ringsCollection, digest);
      const rings = encoded === undefined ? undefined : decodeRings(encoded);
      if (rings?.ok === true) return rings.value;
      throw new Error(
        `the rings of epoch ${proposal.epoch} (${digest}) are missing or damaged in this data directory: join with an empty one`,
      );
    }
    const rings = this.#compute(proposal, null);
    if (rings.digest !== digest)
      throw new Error(
        `the rings of epoch ${proposal.epoch} were adopted as ${digest}, but this version computes ${rings.digest}: run the version that wrote this data`,
      );
    return rings;
  }

  #twoDigests(epoch: number, digest: string): Outcome<never> {
    return failed(
      spokenFailure(
        'EpochConflict',
        epochRefusalSentence('twoDigests', { epoch: String(epoch), own: this.#current?.certificate.digest ?? '', digest }),
      ),
    );
  }

  #checkProposal(proposal: EpochProposal): Outcome<void> {
    const sound = checkProposal(proposal, null, this.#deps.genesis.clusterId);
    if (!sound.ok) return sound;
    if (proposal.epoch !== this.epoch + 1)
      return failed(
        spokenFailure(
          'EpochConflict',
          epochRefusalSentence('notNext', { epoch: String(this.epoch), next: String(this.epoch + 1), proposed: String(proposal.epoch) }),
        ),
      );
    if (!proposal.members.some((member) => member.id === this.#deps.selfId))
      return failed(spokenFailure('InvalidArgument', epochRefusalSentence('notAmong', { id: this.#deps.selfId })));
    return success(undefined);
  }

  #computeChecked(proposal: EpochProposal, previous: RingSet): Outcome<RingSet> {
    const sound = checkProposal(proposal, previous, this.#deps.genesis.clusterId);
    return sound.ok ? success(this.#compute(proposal, previous)) : sound;
  }

  #compute(proposal: EpochProposal, previous: RingSet | null): RingSet {
    const { attempt: _attempt, membershipVersion: _version, ...input } = proposal;
    const text = canonicalJson(input);
    if (this.#computed?.text !== text) this.#computed = { text, rings: this.#deps.buildRings(proposal, this.#deps.genesis.seed, previous) };
    return this.#computed.rings;
  }

  #store(state: StoredEpochState): void {
    this.#deps.documents.commit([{ kind: 'put', collection: 'epoch', key: 'state', document: state }]);
    this.#stored = state;
  }

  /** One after another. A disk that is full or broken is told: this node goes on by what it knew before. */
  #inOrder<T>(task: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
    const result = this.#queue.then(task).catch((error: unknown) => {
      if (error instanceof FailureError) return failed(error.failure);
      throw error;
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }
}
