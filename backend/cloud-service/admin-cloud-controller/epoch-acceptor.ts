import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import type { AcceptedChoice, EpochChangeAnswer, EpochChoice } from '../../contracts/epoch-change.ts';
import type { EpochBallot, EpochProposal } from '../../contracts/epoch.ts';
import { otherDigest } from './epoch-refusals.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { compareEpochBallots, noEpochBallot } from '../../epochs/epoch-ballot.ts';
import { certificateDerBase64, type ClusterAnchor } from '../../epochs/member-signature.ts';
import { verifyRecovery } from '../../epochs/recovery.ts';
import { changeSignatureText } from '../../epochs/verify-certificate.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { EpochState } from './epoch-state.ts';
import { decodeJson, encodeJson } from './message.ts';

export interface EpochAcceptorDeps {
  readonly epochs: EpochState;
  readonly store: Pick<RegisterStore, 'readState' | 'write'>;
  readonly pki: Pki;
  readonly cluster: ClusterAnchor;
  readonly selfId: string;
  readonly keyPem: string;
  readonly certificatePem: () => string;
}

interface Stored {
  readonly format: 1;
  readonly epoch: number;
  readonly promised: EpochBallot;
  readonly accepted: AcceptedChoice | null;
}

const registerState = 'epoch/register';

/**
 * This node's acceptor of the epoch register of the epoch after the one it is a member of (protocol section 2).
 *
 * Invariants: everything answered is durable; a promise never falls; a choice is accepted only with a majority of the
 * new members behind its digest, and with the digest that this node computes itself.
 */
export class EpochAcceptor {
  readonly #deps: EpochAcceptorDeps;
  #stored: Stored;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: EpochAcceptorDeps) {
    this.#deps = deps;
    const bytes = deps.store.readState(registerState);
    this.#stored = bytes === undefined ? fresh(0) : (decodeJson(bytes) as Stored);
  }

  /** What this node has accepted of an epoch beyond those that it knows. */
  get accepted(): AcceptedChoice | null {
    return this.#stored.epoch > this.#deps.epochs.epoch ? this.#stored.accepted : null;
  }

  /** Whether this node has accepted an epoch beyond the active one: from then on nothing is purged. */
  get hasAccepted(): boolean {
    return this.accepted !== null;
  }

  prepare(epoch: number, ballot: EpochBallot): Promise<Outcome<EpochChangeAnswer>> {
    return this.#inOrder(async () => {
      const obstacle = this.#obstacle(epoch);
      if (obstacle !== null) return obstacle;
      const stored = this.#of(epoch);
      if (compareEpochBallots(ballot, stored.promised) <= 0) return success({ kind: 'refused', promised: stored.promised });
      await this.#save({ ...stored, promised: ballot });
      return success({ kind: 'promised', accepted: stored.accepted });
    });
  }

  accept(ballot: EpochBallot, choice: EpochChoice): Promise<Outcome<EpochChangeAnswer>> {
    return this.#inOrder(async () => {
      const { proposal, digest } = choice;
      const obstacle = this.#obstacle(proposal.epoch);
      if (obstacle !== null) return obstacle;
      // Rings that a node works by are decided, whatever a recovery that has not heard of them wants.
      const { current } = this.#deps.epochs;
      if (current !== null && current.certificate.proposal.epoch === proposal.epoch && current.certificate.digest !== digest)
        return success({ kind: 'ahead', certificate: current.certificate });
      const stored = this.#of(proposal.epoch);
      if (compareEpochBallots(ballot, stored.promised) < 0) return success({ kind: 'refused', promised: stored.promised });
      const sound = this.#check(choice);
      if (!sound.ok) return sound;
      const recovered = await verifyRecovery(this.#deps.pki, proposal, digest, this.#deps.cluster);
      if (!recovered.ok) return recovered;
      await this.#save({ ...stored, promised: ballot, accepted: { ballot, choice } });
      const { pki, keyPem, selfId, certificatePem } = this.#deps;
      const signature = await pki.sign(keyPem, changeSignatureText({ proposal, digest, phase: choice.phase }, ballot));
      return success({
        kind: 'accepted',
        acknowledgement: { nodeId: selfId, certificate: certificateDerBase64(certificatePem()), signature },
      });
    });
  }

  /** The members of the epoch before `epoch`, if this node can speak of it. */
  #obstacle(epoch: number): Outcome<EpochChangeAnswer> | null {
    const { epochs, selfId } = this.#deps;
    const { current } = epochs;
    const phase = current?.certificate.phase ?? null;
    if (current === null || epochs.epoch < epoch - 1 || (epochs.epoch === epoch - 1 && phase !== 'active'))
      return success({ kind: 'behind', epoch: epochs.epoch, phase });
    if (epochs.epoch > epoch || (epochs.epoch === epoch && phase === 'active'))
      return success({ kind: 'ahead', certificate: current.certificate });
    const electors: EpochProposal | undefined = (epochs.epoch === epoch ? current.previous : current)?.certificate.proposal;
    if (electors?.members.some(({ id }) => id === selfId) === true) return null;
    return failed(spokenFailure('AccessDenied', epochRefusalSentence('noVote', { before: String(epoch - 1), epoch: String(epoch) })));
  }

  #check({ proposal, digest, confirmedBy }: EpochChoice): Outcome<void> {
    const epoch = String(proposal.epoch);
    const members = new Set(proposal.members.map(({ id }) => id));
    if (members.size !== proposal.members.length)
      return failed(spokenFailure('InvalidArgument', epochRefusalSentence('namedTwice', { epoch })));
    const confirmed = new Set(confirmedBy.filter((id) => members.has(id))).size;
    if (confirmed * 2 <= members.size)
      return failed(spokenFailure('EpochConflict', epochRefusalSentence('tooFewConfirmed', { confirmed, members: members.size, epoch })));
    const rings = this.#deps.epochs.computeNext(proposal, undefined);
    if (!rings.ok) return rings;
    return rings.value.digest === digest ? success(undefined) : failed(otherDigest(rings.value.digest, proposal, digest));
  }

  #of(epoch: number): Stored {
    return this.#stored.epoch === epoch ? this.#stored : fresh(epoch);
  }

  async #save(stored: Stored): Promise<void> {
    await this.#deps.store.write([{ kind: 'state', name: registerState, bytes: encodeJson(stored) }]);
    this.#stored = stored;
  }

  #inOrder<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(task);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

function fresh(epoch: number): Stored {
  return { format: 1, epoch, promised: noEpochBallot, accepted: null };
}
