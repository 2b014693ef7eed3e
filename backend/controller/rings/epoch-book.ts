import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import type { EncodedRings } from '../../contracts/epoch-change.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { ringFailureSentence } from '../../contracts/ring-texts.ts';
import type { EpochInChange } from '../../epochs/change-driver.ts';
import { decodeRings, encodeRings } from '../../epochs/ring-codec.ts';
import { regimeOf } from '../../epochs/recovery.ts';
import { predecessorIn, verifyChangeCertificate } from '../../epochs/verify-certificate.ts';
import { compareRegimes } from '../../register/register-view.ts';
import type { RingSet } from '../../ring/ring.ts';
import { computeRings } from './plan.ts';

/** What the Controller knows of the epochs beyond the first, durably. It decides nothing by itself: certificates do. */
export interface EpochBook {
  /** The newest epoch, in whatever phase; null before the first. */
  readonly current: EpochInChange | null;
  readonly decidedAtMs: number | null;
  /** Takes a certificate over if it is newer. Failures: EpochConflict, DigestMismatch, NotReady (nobody has the rings), those of the disk. */
  learn(certificate: EpochCertificate, atMs: number): Promise<Outcome<void>>;
}

interface Stored {
  readonly format: 1;
  readonly certificate: EpochCertificate;
  readonly previous: EpochCertificate | null;
  readonly decidedAtMs: number;
}

const collection = 'rings';
const ringSets = 'ring-sets';

export function openEpochBook(deps: {
  documents: DocumentStore;
  pki: Pki;
  clusterId: string;
  seed: string;
  authorityPem: string;
  /** The certificate of the first epoch, once it is decided. */
  first: () => EpochCertificate | undefined;
  fetchRings: (digest: string) => Promise<EncodedRings | undefined>;
}): EpochBook {
  const { documents } = deps;
  let stored = documents.get<Stored>(collection, 'later-epoch');
  let view: EpochInChange | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  function ringsOf({ proposal, digest }: EpochCertificate): RingSet {
    if (proposal.epoch === 1) return computeRings(proposal, deps.seed, null);
    const encoded = documents.get<EncodedRings>(ringSets, digest);
    const rings = encoded === undefined ? undefined : decodeRings(encoded);
    if (rings?.ok === true) return rings.value;
    throw new Error(`the rings of epoch ${proposal.epoch} (${digest}) are missing or damaged in the Controller's data directory`);
  }

  function current(): EpochInChange | null {
    const certificate = stored?.certificate ?? deps.first();
    if (certificate === undefined) return null;
    if (view?.certificate === certificate) return view;
    const previous = stored?.previous ?? null;
    const known = [view, view?.previous].find((other) => other?.certificate.digest === certificate.digest)?.rings;
    view = {
      certificate,
      rings: known ?? ringsOf(certificate),
      previous: previous === null ? null : { certificate: previous, rings: ringsOf(previous) },
    };
    return view;
  }

  async function fetched(digest: string): Promise<Outcome<RingSet>> {
    const encoded = await deps.fetchRings(digest);
    if (encoded?.digest === digest) return decodeRings(encoded);
    return failed(spokenFailure('NotReady', ringFailureSentence('ringsNowhere', { digest })));
  }

  async function ringsFor({ proposal, digest }: EpochCertificate, known: EpochInChange | null): Promise<Outcome<RingSet>> {
    if (known?.certificate.digest === digest) return success(known.rings);
    if (known === null || known.certificate.digest !== proposal.previousDigest) return fetched(digest);
    const rings = computeRings(proposal, deps.seed, known.rings);
    if (rings.digest === digest) return success(rings);
    return failed(
      spokenFailure(
        'DigestMismatch',
        ringFailureSentence('otherDigest', { digest: rings.digest, epoch: String(proposal.epoch), decided: digest }),
      ),
    );
  }

  async function previousOf(certificate: EpochCertificate, known: EpochInChange | null): Promise<Outcome<EpochInChange['previous']>> {
    const { proposal, phase, decision } = certificate;
    if (phase === 'active' || decision === undefined) return success(null);
    if (known !== null && known.certificate.digest === certificate.digest) return success(known.previous);
    if (known !== null && known.certificate.digest === proposal.previousDigest)
      return success({ certificate: known.certificate, rings: known.rings });
    const digest = proposal.previousDigest ?? '';
    const rings = await fetched(digest);
    if (!rings.ok) return rings;
    const before: EpochCertificate = { format: 1, proposal: decision.predecessor, digest, phase: 'active', acknowledgements: [] };
    return success({ certificate: before, rings: rings.value });
  }

  /** A disk that is full or broken is told: the certificate can be learned again, from any node. */
  function save(changes: readonly DocumentChange[]): Outcome<void> {
    try {
      return success(documents.commit(changes));
    } catch (error) {
      if (error instanceof FailureError) return failed(error.failure);
      throw error;
    }
  }

  async function learn(certificate: EpochCertificate, atMs: number): Promise<Outcome<void>> {
    const known = current();
    if (known !== null && compareRegimes(regimeOf(certificate), regimeOf(known.certificate)) <= 0) return success(undefined);
    const predecessor = predecessorIn([known, known?.previous], certificate.proposal.epoch);
    const sound = await verifyChangeCertificate(deps.pki, certificate, deps, predecessor);
    if (!sound.ok) return sound;
    const rings = await ringsFor(certificate, known);
    if (!rings.ok) return rings;
    const previous = await previousOf(certificate, known);
    if (!previous.ok) return previous;
    const wanted = [{ certificate, rings: rings.value }, ...(previous.value === null ? [] : [previous.value])];
    const next: Stored = { format: 1, certificate, previous: previous.value?.certificate ?? null, decidedAtMs: atMs };
    const kept = new Set(wanted.map((set) => set.rings.digest));
    const saved = save([
      ...wanted.map(
        (set) =>
          ({
            kind: 'put',
            collection: ringSets,
            key: set.rings.digest,
            document: encodeRings(set.certificate.proposal, set.rings),
          }) as const,
      ),
      ...documents
        .list(ringSets)
        .filter(({ key }) => !kept.has(key))
        .map(({ key }) => ({ kind: 'delete', collection: ringSets, key }) as const),
      { kind: 'put', collection, key: 'later-epoch', document: next },
    ]);
    if (!saved.ok) return saved;
    stored = next;
    view = { certificate, rings: rings.value, previous: previous.value };
    return success(undefined);
  }

  return {
    get current() {
      return current();
    },
    get decidedAtMs() {
      return stored?.decidedAtMs ?? null;
    },
    learn: (certificate, atMs) => {
      const result = queue.then(() => learn(certificate, atMs));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}
