import { compareBytes } from '../../backend/base/bytes.ts';
import type { Ballot } from '../../backend/register/ballot.ts';
import { compareBallots } from '../../backend/register/ballot.ts';
import { registerKeyText } from '../../backend/register/key-text.ts';
import type { RegisterReply, RegisterRequest } from '../../backend/register/messages.ts';
import { decodeRecord, historyReaches, type RegisterRecord } from '../../backend/register/record.ts';
import type { RegisterKey, RegisterWrite, StoredRegister } from '../../backend/register/register-store.ts';
import type { SimulatedDisk } from './simulated-register-store.ts';
import { fingerprint } from './trace.ts';

/** What was accepted somewhere under one (key, ballot). */
interface Proposal {
  readonly key: string;
  readonly registerKey: RegisterKey;
  readonly ballot: Ballot;
  readonly fingerprint: string;
  readonly record: RegisterRecord;
  readonly holders: Set<string>;
  decided: boolean;
}

/**
 * Watches every acceptor from outside and notes what must never happen (protocol section 7,
 * invariants 2, 3, 4, 6 and 7; number 1 is the checker's, number 5 needs the histories).
 */
export class Monitor {
  readonly violations: string[] = [];
  readonly #groupOf: (hash: number, epoch: number) => readonly string[];
  readonly #proposals = new Map<string, Proposal>();
  readonly #decided = new Map<string, Proposal[]>();
  /** Highest ballot that a node has told to have promised, by node and key. */
  readonly #promised = new Map<string, { readonly ballot: Ballot; readonly instant: number }>();
  readonly #instant: () => number;

  /** Tombstones that some replica has purged, as "key ballot". */
  readonly #purgedBallots = new Set<string>();
  readonly #dropped: { node: string; ring: string; fromHash: number; toHash: number }[] = [];
  readonly #states = new Map<string, Uint8Array>();
  readonly #operations = new Set<string>();
  /** Rows purged, counted at each replica. */
  purges = 0;

  /** `instant`: replies of one instant may leave in another order than they were decided in; unless given, each is an instant of its own. */
  constructor(groupOf: (hash: number, epoch: number) => readonly string[], instant?: () => number) {
    let replies = 0;
    this.#instant = instant ?? (() => ++replies);
    this.#groupOf = groupOf;
  }

  violated(invariant: number, text: string): void {
    if (this.violations.length < 20) this.violations.push(`invariant ${invariant}: ${text}`);
  }

  /** Keys that an accepted loss of data may set back: nothing that spans the loss is held against them. */
  protected mayBeSetBack(_key: RegisterKey): boolean {
    return false;
  }

  /** Whether some replica has accepted a change with this operation id. */
  accepted(operationId: string): boolean {
    return this.#operations.has(operationId);
  }

  admitted(node: string, write: RegisterWrite): void {
    if (write.kind !== 'register') return;
    const key = registerKeyText(write.key);
    const promised = this.#promised.get(`${node} ${key}`)?.ballot;
    if (promised !== undefined && compareBallots(write.accepted, promised) < 0) {
      this.violated(6, `node ${node} accepts ${key} at ${ballotText(write.accepted)} after it promised ${ballotText(promised)}`);
    }
    const print = fingerprint(write.value.head) + (write.value.inline === null ? '' : fingerprint(write.value.inline));
    const id = `${key} ${ballotText(write.accepted)}`;
    const known = this.#proposals.get(id);
    if (known === undefined) {
      const record = decodeRecord(write.value.head);
      const newest = record.history[0];
      if (newest !== undefined) this.#operations.add(newest.operationId);
      this.#proposals.set(id, {
        key,
        registerKey: write.key,
        ballot: write.accepted,
        fingerprint: print,
        record,
        holders: new Set(),
        decided: false,
      });
    } else if (known.fingerprint !== print) this.violated(2, `two values at ${id}`);
  }

  durable(node: string, write: RegisterWrite, before: StoredRegister | undefined): void {
    if (write.kind === 'delete-range') return void this.#dropped.push({ node, ...write });
    if (write.kind === 'delete') return this.#purged(node, write.key, before);
    if (write.kind === 'state') return this.#stateWritten(node, write.name, write.bytes);
    const proposal = this.#proposals.get(`${registerKeyText(write.key)} ${ballotText(write.accepted)}`);
    if (proposal === undefined) return;
    proposal.holders.add(node);
    const group = this.#groupOf(write.key.hash, write.accepted.epoch);
    if (proposal.decided || group.filter((member) => proposal.holders.has(member)).length * 2 <= group.length) return;
    proposal.decided = true;
    const decided = this.#decided.get(proposal.key) ?? [];
    decided.push(proposal);
    this.#decided.set(proposal.key, decided);
  }

  /** Only a tombstone that every replica held may go, and it leaves a floor behind (which `admitted` and `replied` look at). */
  #purged(node: string, key: RegisterKey, before: StoredRegister | undefined): void {
    if (before === undefined || this.mayBeSetBack(key)) return;
    const text = registerKeyText(key);
    const described = `node ${node} purges ${text} at ${ballotText(before.accepted)}`;
    const proposal = this.#proposals.get(`${text} ${ballotText(before.accepted)}`);
    if (decodeRecord(before.value.head).state !== null) this.violated(6, `${described}, which is no tombstone`);
    if (proposal === undefined || !this.#groupOf(key.hash, before.accepted.epoch).every((member) => proposal.holders.has(member)))
      this.violated(6, `${described}, which not every replica held`);
    this.#purgedBallots.add(`${text} ${ballotText(before.accepted)}`);
    this.purges += 1;
  }

  /** The durable ceiling and floors never fall. Their bytes are in the order of ballots. */
  #stateWritten(node: string, name: string, bytes: Uint8Array | null): void {
    if (!name.startsWith('register/')) return;
    const id = `${node} ${name}`;
    const before = this.#states.get(id);
    if (bytes === null || (before !== undefined && compareBytes(bytes, before) < 0)) this.violated(6, `node ${node} lowers ${name}`);
    if (bytes !== null) this.#states.set(id, bytes);
  }

  /** A reply leaves `node`, whose disk holds `disk` at this moment. */
  replied(node: string, disk: SimulatedDisk, request: RegisterRequest, reply: RegisterReply): void {
    if (request.kind === 'scan') {
      if (reply.kind === 'rows')
        for (const row of reply.rows)
          this.#mustBeDurable(node, disk, { ring: request.range.ring, hash: request.range.hash, key: row.key }, row.accepted);
      return;
    }
    if (request.kind === 'walk') return;
    if (reply.kind === 'accepted' && request.kind === 'accept') {
      this.#mustBeDurable(node, disk, request.key, request.ballot);
      this.#raisePromise(node, request.key, request.ballot);
    } else if (reply.kind === 'promised' && request.kind === 'prepare') {
      this.#mustBeDurable(node, disk, request.key, reply.accepted);
      const before = this.#promised.get(`${node} ${registerKeyText(request.key)}`);
      if (before !== undefined && before.instant !== this.#instant() && compareBallots(request.ballot, before.ballot) <= 0) {
        this.violated(
          6,
          `node ${node} promises ${ballotText(request.ballot)} for ${registerKeyText(request.key)} after ${ballotText(before.ballot)}`,
        );
      }
      this.#raisePromise(node, request.key, request.ballot);
    } else if (reply.kind === 'value') this.#mustBeDurable(node, disk, request.key, reply.accepted);
  }

  #raisePromise(node: string, key: RegisterKey, ballot: Ballot): void {
    const id = `${node} ${registerKeyText(key)}`;
    const before = this.#promised.get(id);
    if (before === undefined || compareBallots(ballot, before.ballot) > 0) this.#promised.set(id, { ballot, instant: this.#instant() });
  }

  #mustBeDurable(node: string, disk: SimulatedDisk, key: RegisterKey, shown: Ballot): void {
    if (shown.boot === 0) return;
    const row = disk.rows.get(registerKeyText(key));
    if (row === undefined && this.#wasDropped(node, key)) return;
    if (row === undefined || compareBallots(row.accepted, shown) < 0)
      this.violated(7, `node ${node} shows ${registerKeyText(key)} at ${ballotText(shown)}, which a crash would lose`);
  }

  /** Whether an epoch took the row away: what was true when it was told is no business of this node any more. */
  #wasDropped(node: string, { ring, hash }: RegisterKey): boolean {
    return this.#dropped.some((range) => range.node === node && range.ring === ring && hash >= range.fromHash && hash <= range.toHash);
  }

  /** The highest decided ballot of every key, but for tombstones that were purged. */
  protected lastDecided(): { readonly key: RegisterKey; readonly ballot: Ballot }[] {
    return [...this.#decided].flatMap(([text, proposals]) => {
      let last = proposals[0] as Proposal;
      for (const proposal of proposals) if (compareBallots(proposal.ballot, last.ballot) > 0) last = proposal;
      return this.#purgedBallots.has(`${text} ${ballotText(last.ballot)}`) ? [] : [{ key: last.registerKey, ballot: last.ballot }];
    });
  }

  /** Invariants over whole histories; `impossible` are operations that were told not to have taken effect. */
  finish(impossible: ReadonlyMap<string, string>): void {
    for (const [key, proposals] of this.#decided) {
      if (proposals.some(({ registerKey }) => this.mayBeSetBack(registerKey))) continue;
      const chain = [...proposals].sort((left, right) => compareBallots(left.ballot, right.ballot));
      this.#checkChain(key, chain);
      this.#checkOperations(key, chain, impossible);
    }
  }

  #checkChain(key: string, chain: readonly Proposal[]): void {
    for (let index = 1; index < chain.length; index++) {
      const before = chain[index - 1] as Proposal;
      const next = chain[index] as Proposal;
      if (this.#beginsAnew(before, next)) continue;
      const steps = next.record.version - before.record.version;
      const described = `${key}: ${ballotText(before.ballot)} version ${before.record.version}, then ${ballotText(next.ballot)} version ${next.record.version}`;
      if (steps < 0) this.violated(3, `version falls, ${described}`);
      else if (steps === 0 && next.fingerprint !== before.fingerprint) this.violated(3, `two values of one version, ${described}`);
      const newest = before.record.history[0];
      const same = newest === undefined ? undefined : next.record.history.find((entry) => entry.version === newest.version);
      if (newest !== undefined && steps < next.record.history.length && same?.operationId !== newest.operationId)
        this.violated(3, `not one chain, ${described}`);
    }
  }

  /** Whether `next` starts from "never written" after the tombstone `before` was purged. */
  #beginsAnew(before: Proposal, next: Proposal): boolean {
    if (!this.#purgedBallots.has(`${before.key} ${ballotText(before.ballot)}`)) return false;
    const newest = before.record.history[0];
    return historyReaches(next.record, 0) && !next.record.history.some((entry) => entry.operationId === newest?.operationId);
  }

  #checkOperations(key: string, chain: readonly Proposal[], impossible: ReadonlyMap<string, string>): void {
    const places = new Map<string, string>();
    let life = 1;
    for (const [index, proposal] of chain.entries()) {
      const earlier = chain[index - 1];
      if (earlier !== undefined && this.#beginsAnew(earlier, proposal)) life += 1;
      for (const { operationId, version } of proposal.record.history) {
        const place = `version ${version} of life ${life}`;
        const before = places.get(operationId);
        if (before === undefined) places.set(operationId, place);
        else if (before !== place) this.violated(4, `operation ${operationId} took effect at ${before} and at ${place} of ${key}`);
        const told = impossible.get(operationId);
        if (told !== undefined) this.violated(5, `operation ${operationId} on ${key} was answered ${told} and took effect at ${place}`);
      }
    }
  }
}

export function ballotText(ballot: Ballot): string {
  return `(${ballot.epoch},${ballot.counter},${ballot.nodeId.slice(-2)},${ballot.boot})`;
}
