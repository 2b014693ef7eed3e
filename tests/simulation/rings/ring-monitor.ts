import { compareBallots } from '../../../backend/register/ballot.ts';
import { registerKeyText } from '../../../backend/register/key-text.ts';
import type { RegisterKey, RegisterWrite, StoredRegister } from '../../../backend/register/register-store.ts';
import type { AcceptedChoice } from '../../../backend/contracts/epoch-change.ts';
import type { EpochCertificate, EpochProposal } from '../../../backend/contracts/epoch.ts';
import { electorsOf } from '../../../backend/epochs/recovery.ts';
import { utf8Text } from '../../../backend/base/bytes.ts';
import { ballotText, Monitor } from '../monitor.ts';
import type { SimulatedDisk } from '../simulated-register-store.ts';

interface Adoption {
  readonly certificate: EpochCertificate;
}

/** The monitor of clusters whose rings change: invariants 8, 9 and 10 of protocol section 7 as well. */
export class RingMonitor extends Monitor {
  readonly #ringGroupOf: (hash: number, epoch: number) => readonly string[];
  readonly #diskOf: (node: string) => SimulatedDisk | undefined;
  readonly #digests = new Map<number, string>();
  /** Epoch of the youngest adoption that a node has sent to its disk. */
  readonly #fences = new Map<string, number>();
  readonly #lost = new Set<string>();
  /** What the acceptors of an epoch's register hold, by epoch and ballot. */
  readonly #accepted = new Map<string, { readonly digest: string; readonly nodes: Set<string> }>();
  readonly #decided = new Map<number, EpochProposal & { readonly digest: string }>();
  readonly #onDecided: (epoch: number, digest: string) => void;
  #retiredUpTo = 1;
  #isSetBack: (hash: number) => boolean = () => false;

  constructor(
    groupOf: (hash: number, epoch: number) => readonly string[],
    diskOf: (node: string) => SimulatedDisk | undefined,
    instant: () => number,
    onDecided: (epoch: number, digest: string) => void,
  ) {
    super(groupOf, instant);
    this.#onDecided = onDecided;
    this.#ringGroupOf = groupOf;
    this.#diskOf = diskOf;
  }

  /** Changes that came to their end. */
  get changes(): number {
    return this.#retiredUpTo - 1;
  }

  /** The newest epoch that is decided, whoever knows of it. */
  get decidedUpTo(): number {
    return Math.max(...this.#decided.keys());
  }

  /** The first epoch, which has no register. */
  began({ proposal, digest }: EpochCertificate): void {
    this.#decided.set(proposal.epoch, { ...proposal, digest });
  }

  /** The disk of `node` is gone for good. */
  lost(node: string): void {
    this.#lost.add(node);
  }

  /** A majority of the replicas of these keys is gone for good. */
  forgive(isLost: (hash: number) => boolean): void {
    this.#isSetBack = isLost;
  }

  protected override mayBeSetBack({ hash }: RegisterKey): boolean {
    return this.#isSetBack(hash);
  }

  /** A start forgets what was not durable. */
  restarted(node: string): void {
    const bytes = this.#diskOf(node)?.states.get('epoch/adopted');
    this.#fences.set(node, bytes === undefined ? 1 : adoptionOf(bytes).certificate.proposal.epoch);
  }

  override admitted(node: string, write: RegisterWrite): void {
    super.admitted(node, write);
    if (write.kind === 'state' && write.name === 'epoch/adopted' && write.bytes !== null)
      this.#fences.set(node, adoptionOf(write.bytes).certificate.proposal.epoch);
    if (write.kind === 'register' && write.accepted.epoch < (this.#fences.get(node) ?? 1))
      this.violated(
        9,
        `node ${node} writes ${registerKeyText(write.key)} at ${ballotText(write.accepted)} behind its fence of epoch ${this.#fences.get(node) ?? 1}`,
      );
  }

  override durable(node: string, write: RegisterWrite, before: StoredRegister | undefined): void {
    if (write.kind === 'delete' && !this.#ringGroupOf(write.key.hash, this.#fences.get(node) ?? 1).includes(node)) {
      // Not a purge: the row belongs to other nodes now.
      const { ring, hash } = write.key;
      return super.durable(node, { kind: 'delete-range', ring, fromHash: hash, toHash: hash }, before);
    }
    super.durable(node, write, before);
    if (write.kind === 'state' && write.name === 'epoch/register' && write.bytes !== null)
      this.#acceptedAt(node, (JSON.parse(utf8Text(write.bytes)) as { accepted: AcceptedChoice | null }).accepted);
    if (write.kind !== 'state' || write.name !== 'epoch/adopted' || write.bytes === null) return;
    const { proposal, digest, phase } = adoptionOf(write.bytes).certificate;
    const known = this.#digests.get(proposal.epoch);
    if (known !== undefined && known !== digest) this.violated(8, `epoch ${proposal.epoch} is ${known} and, at node ${node}, ${digest}`);
    this.#digests.set(proposal.epoch, digest);
    if (phase !== 'active' && this.#retiredUpTo < proposal.epoch - 1)
      this.violated(8, `node ${node} brings epoch ${proposal.epoch} in while epoch ${this.#retiredUpTo} is the last active one`);
    if (phase === 'active' && proposal.epoch > this.#retiredUpTo) this.#retire(proposal.epoch);
  }

  /** Never two different rings at one ballot of an epoch's register, and never two that a majority of the members before holds. */
  #acceptedAt(node: string, accepted: AcceptedChoice | null): void {
    if (accepted === null) return;
    const { ballot, choice } = accepted;
    const { proposal, digest } = choice;
    const id = `${proposal.epoch} ${ballot.counter}.${ballot.proposer}`;
    const at = this.#accepted.get(id) ?? { digest, nodes: new Set<string>() };
    this.#accepted.set(id, at);
    at.nodes.add(node);
    if (at.digest !== digest) this.violated(8, `epoch ${proposal.epoch} is ${at.digest} and ${digest} at one ballot ${id}`);
    const before = this.#decided.get(proposal.epoch - 1);
    if (before === undefined) return this.violated(8, `node ${node} accepts epoch ${proposal.epoch} before the one before is decided`);
    const electors = electorsOf(before, proposal);
    if (electors.filter((member) => at.nodes.has(member.id)).length * 2 <= electors.length) return;
    const known = this.#decided.get(proposal.epoch);
    if (known?.digest === digest) return;
    // What only nodes that are given up worked by is lost with them, and its number is free again.
    const isGivenUp = proposal.recovery !== undefined && !this.#digests.has(proposal.epoch);
    if (known !== undefined && !isGivenUp)
      this.violated(8, `epoch ${proposal.epoch} was decided as ${known.digest} and, at ballot ${id}, as ${digest}`);
    this.#decided.set(proposal.epoch, { ...proposal, digest });
    this.#onDecided(proposal.epoch, digest);
  }

  /** The epoch before `epoch` is retired: everything decided must be on a majority of the new replicas. */
  #retire(epoch: number): void {
    this.#retiredUpTo = epoch;
    for (const { key, ballot } of this.lastDecided()) {
      if (this.mayBeSetBack(key)) continue;
      const group = this.#ringGroupOf(key.hash, epoch);
      const holders = group.filter((node) => {
        const row = this.#diskOf(node)?.rows.get(registerKeyText(key));
        // A disk that is gone for good is one replica less, as its node is.
        return this.#lost.has(node) || (row !== undefined && compareBallots(row.accepted, ballot) >= 0);
      });
      if (holders.length * 2 <= group.length)
        this.violated(
          10,
          `${registerKeyText(key)} at ${ballotText(ballot)} is on ${holders.length} of ${group.length} replicas when epoch ${epoch} becomes active`,
        );
    }
  }
}

function adoptionOf(bytes: Uint8Array): Adoption {
  return JSON.parse(utf8Text(bytes)) as Adoption;
}
