import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { fromHex, toHex } from '../../base/bytes.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { ReplicasCompared } from '../../contracts/cluster-messages.ts';
import { RingNameSchema, ringNames, type RingName } from '../../contracts/ids.ts';
import { compareBallots, type Ballot } from '../../register/ballot.ts';
import type { RegisterKey, RegisterStore } from '../../register/register-store.ts';
import { partitionOf } from '../../ring/lookup.ts';
import type { ActiveEpoch, EpochState } from './epoch-state.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';
import { replicaIds } from '../../epochs/replicas.ts';

export interface ReplicaDigestsDeps {
  readonly transport: PeerTransport;
  readonly store: RegisterStore;
  readonly epochs: Pick<EpochState, 'active' | 'epoch'>;
  readonly selfId: string;
}

export const partitionsPerQuestion = 16;
const rowsPerQuestion = 500;
const timeoutMs = 10_000;
/** More differences than this are only counted. */
const differencesNamed = 100;

const DigestsQuestion = Type.Object({
  kind: Type.Literal('digests'),
  epoch: Type.Integer(),
  ring: RingNameSchema,
  partitions: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: partitionsPerQuestion }),
});
const RowsQuestion = Type.Object({
  kind: Type.Literal('rows'),
  epoch: Type.Integer(),
  ring: RingNameSchema,
  partition: Type.Integer({ minimum: 0 }),
  after: Type.Union([Type.Null(), Type.Object({ hash: Type.Integer(), key: Type.String({ maxLength: 8000 }) })]),
});
const Question = Type.Union([DigestsQuestion, RowsQuestion]);
type Question = Static<typeof Question>;
const Row = Type.Object({
  hash: Type.Integer({ minimum: 0, maximum: 0xffff_ffff }),
  key: Type.String({ maxLength: 8000 }),
  ballot: Type.String({ maxLength: 100 }),
});
export type ReplicaRow = Static<typeof Row>;
const Answer = Type.Union([
  Type.Object({ digests: Type.Array(Type.String({ maxLength: 64 })) }),
  Type.Object({ rows: Type.Array(Row, { maxItems: rowsPerQuestion }), more: Type.Boolean() }),
  Type.Object({ epoch: Type.Integer() }),
]);
type Answer = Static<typeof Answer>;

const questionChecker = createMessageChecker('catch-up question', Question);
const answerChecker = createMessageChecker('catch-up answer', Answer);

/** Where the next page of a partition's rows begins. */
export type RowsAfter = { readonly hash: number; readonly key: string } | null;

/**
 * Digests of (key, ballot) per partition, here and at the other replicas: what catching up compares, and
 * what tells an admin whether a node has everything. Changes nothing.
 */
export class ReplicaDigests {
  readonly #deps: ReplicaDigestsDeps;

  constructor(deps: ReplicaDigestsDeps) {
    this.#deps = deps;
  }

  serve(): Disposable {
    return this.#deps.transport.handle(peerChannels.catchUp, (_from, payload) => {
      const checked = questionChecker.check(decodeJson(payload));
      if (!checked.ok) throw new Error(checked.failure.message);
      return encodeJson(this.#answer(checked.value));
    });
  }

  /** Partitions of which this node holds a replica, by the other node that holds one too. */
  sharedPartitions(active: ActiveEpoch, ringName: RingName): Map<string, number[]> {
    const ring = active.rings[ringName];
    const shared = new Map<string, number[]>();
    for (let partition = 0; partition < 2 ** ring.partitionPower; partition++) {
      const ids = replicaIds(ring, partition);
      if (!ids.includes(this.#deps.selfId)) continue;
      for (const id of ids) {
        if (id === this.#deps.selfId) continue;
        const partitions = shared.get(id);
        if (partitions === undefined) shared.set(id, [partition]);
        else partitions.push(partition);
      }
    }
    return shared;
  }

  /** The partition of a hash, and who else holds it. */
  fellowsOf(active: ActiveEpoch, ringName: RingName, hash: number): { readonly partition: number; readonly peers: readonly string[] } {
    const ring = active.rings[ringName];
    const partition = partitionOf(hash, ring.partitionPower);
    return { partition, peers: replicaIds(ring, partition).filter((id) => id !== this.#deps.selfId) };
  }

  /** Those of at most `partitionsPerQuestion` partitions that the peer holds differently; undefined when it does not answer. */
  async differing(peer: string, active: ActiveEpoch, ring: RingName, partitions: number[]): Promise<number[] | undefined> {
    const answer = await this.#ask(peer, { kind: 'digests', epoch: epochOf(active), ring, partitions });
    if (answer === undefined || !('digests' in answer) || answer.digests.length !== partitions.length) return undefined;
    return partitions.filter((partition, index) => answer.digests[index] !== this.#digest(active, ring, partition));
  }

  /** A page of the peer's rows of a partition; undefined when it does not answer. */
  async rowsAt(
    peer: string,
    active: ActiveEpoch,
    ring: RingName,
    partition: number,
    after: RowsAfter,
  ): Promise<{ rows: ReplicaRow[]; more: boolean } | undefined> {
    const answer = await this.#ask(peer, { kind: 'rows', epoch: epochOf(active), ring, partition, after });
    return answer !== undefined && 'rows' in answer ? answer : undefined;
  }

  /** Whether a row of a peer is newer than the one here. */
  isBehind(ring: RingName, row: ReplicaRow): boolean {
    const here = this.#ballotHere(ring, row);
    const there = ballotOf(row.ballot);
    return there !== undefined && (here === undefined || compareBallots(here, there) < 0);
  }

  /** Compares every replica held here with its fellows. Equal everywhere, and nobody silent: this node misses nothing. */
  async compare(active: ActiveEpoch): Promise<ReplicasCompared> {
    const differing: ReplicasCompared['differing'] = [];
    const silent = new Set<string>();
    let compared = 0;
    let different = 0;
    for (const ring of ringNames) {
      for (const [peer, partitions] of this.sharedPartitions(active, ring)) {
        for (let from = 0; from < partitions.length && !silent.has(peer); from += partitionsPerQuestion) {
          const asked = partitions.slice(from, from + partitionsPerQuestion);
          const found = await this.differing(peer, active, ring, asked);
          if (found === undefined) silent.add(peer);
          else {
            compared += asked.length;
            different += found.length;
            for (const partition of found.slice(0, differencesNamed - differing.length)) differing.push({ ring, partition, peer });
          }
        }
      }
    }
    return { epoch: epochOf(active), compared, different, differing, silent: [...silent] };
  }

  #ballotHere(ring: RingName, row: ReplicaRow): Ballot | undefined {
    const key = fromHex(row.key);
    return key === undefined ? undefined : this.#deps.store.read({ ring, hash: row.hash, key })?.accepted;
  }

  async #ask(peer: string, question: Question): Promise<Answer | undefined> {
    const reply = await this.#deps.transport.request(peer, peerChannels.catchUp, encodeJson(question), { timeoutMs });
    if (reply.kind !== 'reply') return undefined;
    const answer = answerChecker.check(decodeJson(reply.payload));
    return answer.ok ? answer.value : undefined;
  }

  #answer(question: Question): Answer {
    const { epochs } = this.#deps;
    const { active } = epochs;
    if (active === null || epochs.epoch !== question.epoch) return { epoch: epochs.epoch };
    if (question.kind === 'digests')
      return { digests: question.partitions.map((partition) => this.#digest(active, question.ring, partition)) };
    const key = question.after === null ? undefined : fromHex(question.after.key);
    const after = question.after === null || key === undefined ? undefined : { ring: question.ring, hash: question.after.hash, key };
    const rows = this.#rows(active, question.ring, question.partition, after);
    return {
      rows: rows.map((row) => ({ hash: row.key.hash, key: toHex(row.key.key), ballot: ballotText(row.accepted) })),
      more: rows.length === rowsPerQuestion,
    };
  }

  #rows(active: ActiveEpoch, ring: RingName, partition: number, after: RegisterKey | undefined): ReturnType<RegisterStore['walk']> {
    const span = 2 ** (32 - active.rings[ring].partitionPower);
    const fromHash = partition * span;
    return this.#deps.store.walk({
      ring,
      fromHash,
      toHash: fromHash + span - 1,
      ...(after === undefined ? {} : { after }),
      limit: rowsPerQuestion,
    });
  }

  #digest(active: ActiveEpoch, ring: RingName, partition: number): string {
    let hash: ReturnType<typeof createHash> | undefined;
    let after: RegisterKey | undefined;
    for (;;) {
      const rows = this.#rows(active, ring, partition, after);
      for (const row of rows) {
        hash ??= createHash('sha256');
        hash.update(`${row.key.hash} ${ballotText(row.accepted)} ${row.key.key.length} `).update(row.key.key);
      }
      after = rows.at(-1)?.key;
      if (rows.length < rowsPerQuestion) return hash?.digest('base64').slice(0, 22) ?? '';
    }
  }
}

function epochOf(active: ActiveEpoch): number {
  return active.certificate.proposal.epoch;
}

function ballotText(ballot: Ballot): string {
  return `${ballot.epoch}.${ballot.counter}.${ballot.nodeId}.${ballot.boot}`;
}

function ballotOf(text: string): Ballot | undefined {
  const match = /^(\d+)\.(\d+)\.([0-9a-f]*)\.(\d+)$/.exec(text);
  return match === null
    ? undefined
    : { epoch: Number(match[1]), counter: Number(match[2]), nodeId: match[3] ?? '', boot: Number(match[4]) };
}
