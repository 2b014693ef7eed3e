import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { fromHex, toHex } from '../../base/bytes.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import type { Emitter } from '../../base/emitter.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import { jittered, type Random } from '../../base/random.ts';
import { RingNameSchema, ringNames, type RingName } from '../../contracts/ids.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { RegisterKey, RegisterStore } from '../../register/register-store.ts';
import type { ActiveEpoch, EpochState } from './epoch-state.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';
import { replicaIds } from './node-register-view.ts';

export interface CatchUpDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transport: PeerTransport;
  readonly store: RegisterStore;
  readonly registers: Pick<RegisterClient, 'rewrite'>;
  readonly epochs: EpochState;
  readonly selfId: string;
  readonly serving: () => boolean;
  /** Tells that this node can reach most others again after it could not: it may have missed something. */
  readonly reunited: Emitter<void>;
}

const partitionsPerQuestion = 16;
const rowsPerQuestion = 500;
/** Registers rewritten at once: catching up must not slow users down. */
const rewritesAtOnce = 4;
const pauseMs = 5;
const firstWaitMs = 500;
const periodMs = 60 * 60_000;
const retryMs = 10_000;
const timeoutMs = 10_000;

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
type Row = Static<typeof Row>;
const Answer = Type.Union([
  Type.Object({ digests: Type.Array(Type.String({ maxLength: 64 })) }),
  Type.Object({ rows: Type.Array(Row, { maxItems: rowsPerQuestion }), more: Type.Boolean() }),
  Type.Object({ epoch: Type.Integer() }),
]);
type Answer = Static<typeof Answer>;

const questionChecker = createMessageChecker('catch-up question', Question);
const answerChecker = createMessageChecker('catch-up answer', Answer);

type PassResult = { readonly kind: 'complete' | 'partial'; readonly rewritten: number };

/**
 * Brings a node that was away up to date: digests of (key, ballot) per partition are compared with the
 * other replicas, and keys that differ, tombstones included, are rewritten by the identity.
 *
 * Invariants: it changes nothing but which replicas hold a register's newest state; at most
 * `rewritesAtOnce` registers at a time; one pass at a time.
 */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  readonly #abort = new AbortController();
  readonly #cleanup = new DisposableStore();
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: CatchUpDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { transport, logger, reunited } = this.#deps;
    this.#cleanup.add(
      transport.handle(peerChannels.catchUp, (_from, payload) => {
        const checked = questionChecker.check(decodeJson(payload));
        if (!checked.ok) throw new Error(checked.failure.message);
        return encodeJson(this.#answer(checked.value));
      }),
    );
    this.#cleanup.add(reunited.on(() => this.#wake.abort()));
    this.#loop = this.#run().catch((error: unknown) =>
      logger.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'catching up failed'),
    );
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    this.#cleanup.dispose();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, random, serving, epochs, logger } = this.#deps;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      await sleep(clock, jittered(random, firstWaitMs), signal);
      const { active } = epochs;
      if (active === null || !serving()) continue;
      const result = await this.pass(active);
      if (result.rewritten > 0) logger.info({ rewritten: result.rewritten }, 'names that this node had missed are here again');
      if (signal.aborted) return;
      // Woken while it worked: the next pass comes at once.
      await sleep(clock, jittered(random, result.kind === 'complete' ? periodMs : retryMs), this.#wake.signal);
      if (!signal.aborted) this.#wake = new AbortController();
    }
  }

  /** Compares every own partition with its other replicas once. `partial`: somebody did not answer. */
  async pass(active: ActiveEpoch): Promise<PassResult> {
    let rewritten = 0;
    let kind: PassResult['kind'] = 'complete';
    for (const ring of ringNames) {
      for (const [peer, partitions] of this.#sharedPartitions(active, ring)) {
        for (let from = 0; from < partitions.length; from += partitionsPerQuestion) {
          if (this.#abort.signal.aborted) return { kind: 'partial', rewritten };
          const differing = await this.#differing(peer, active, ring, partitions.slice(from, from + partitionsPerQuestion));
          if (differing === undefined) {
            kind = 'partial';
            break;
          }
          for (const partition of differing) {
            const count = await this.#settle(peer, active, ring, partition);
            if (count === undefined) kind = 'partial';
            else rewritten += count;
          }
          await sleep(this.#deps.clock, pauseMs, this.#abort.signal);
        }
      }
    }
    return { kind, rewritten };
  }

  #sharedPartitions(active: ActiveEpoch, ringName: RingName): Map<string, number[]> {
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

  async #differing(peer: string, active: ActiveEpoch, ring: RingName, partitions: number[]): Promise<number[] | undefined> {
    const answer = await this.#ask(peer, { kind: 'digests', epoch: active.certificate.proposal.epoch, ring, partitions });
    if (answer === undefined || !('digests' in answer) || answer.digests.length !== partitions.length) return undefined;
    return partitions.filter((partition, index) => answer.digests[index] !== this.#digest(active, ring, partition));
  }

  /** Rewrites what the peer and this node hold differently. Undefined when the peer fell silent. */
  async #settle(peer: string, active: ActiveEpoch, ring: RingName, partition: number): Promise<number | undefined> {
    let rewritten = 0;
    let after: { hash: number; key: string } | null = null;
    for (;;) {
      const answer: Answer | undefined = await this.#ask(peer, {
        kind: 'rows',
        epoch: active.certificate.proposal.epoch,
        ring,
        partition,
        after,
      });
      if (answer === undefined || !('rows' in answer)) return undefined;
      const missing = answer.rows.filter((row) => this.#ballotHere(ring, row) !== row.ballot);
      for (let from = 0; from < missing.length; from += rewritesAtOnce) {
        if (this.#abort.signal.aborted) return undefined;
        const results = await Promise.all(missing.slice(from, from + rewritesAtOnce).map((row) => this.#rewrite(ring, row)));
        rewritten += results.filter(Boolean).length;
      }
      const last = answer.rows.at(-1);
      if (!answer.more || last === undefined) return rewritten;
      after = { hash: last.hash, key: last.key };
    }
  }

  async #rewrite(ring: RingName, row: Row): Promise<boolean> {
    const key = fromHex(row.key);
    if (key === undefined) return false;
    const outcome = await this.#deps.registers.rewrite({ ring, hash: row.hash, key });
    if (!outcome.ok)
      this.#deps.logger.debug({ code: outcome.failure.code }, `a name could not be brought up to date yet: ${outcome.failure.message}`);
    return outcome.ok;
  }

  #ballotHere(ring: RingName, row: Row): string | undefined {
    const key = fromHex(row.key);
    const stored = key === undefined ? undefined : this.#deps.store.read({ ring, hash: row.hash, key });
    return stored === undefined ? undefined : ballotText(stored.accepted);
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

function ballotText(ballot: { epoch: number; counter: number; nodeId: string; boot: number }): string {
  return `${ballot.epoch}.${ballot.counter}.${ballot.nodeId}.${ballot.boot}`;
}
