import { fromHex } from '../../base/bytes.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import type { Emitter } from '../../base/emitter.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { jittered, type Random } from '../../base/random.ts';
import { ringNames, type RingName } from '../../contracts/ids.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { ActiveEpoch, EpochState } from './epoch-state.ts';
import { partitionsPerQuestion, type ReplicaDigests, type ReplicaRow, type RowsAfter } from './replica-digests.ts';

export interface CatchUpDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly digests: ReplicaDigests;
  readonly registers: Pick<RegisterClient, 'rewrite'>;
  readonly epochs: Pick<EpochState, 'active' | 'epoch' | 'regime' | 'adopted'>;
  readonly serving: () => boolean;
  /** Tells that this node was cut off, or stood still, and may have missed anything. */
  readonly reunited: Emitter<void>;
  /** Tells the id of a peer that answers again: what it has written meanwhile, or only begun to write, may be missing here. */
  readonly returned: Emitter<string>;
  /** A peer has written what this node should hold, and this node did not confirm it. */
  readonly missedWrites: Emitter<void>;
  /** Tells a key whose accept was refused here: it may have its majority elsewhere. */
  readonly missed: Emitter<RegisterKey>;
  /** How long a full pass waits for others that come back; tests wait less. */
  readonly fullPassAfterMs?: number;
}

/** Registers rewritten at once: catching up must not slow users down. */
const rewritesAtOnce = 4;
const pauseMs = 5;
/** A difference that is younger than this is a write on its way, not one that was missed. */
const onItsWayMs = 250;
const firstWaitMs = 500;
const periodMs = 60 * 60_000;
/** After a pass that found something, or got no answer: soon, then less and less often. */
const nextPassMs = 1_000;
const longestNextPassMs = 10 * 60_000;
/** Peers that come back together are compared in one pass. */
const afterReturnMs = 1_000;
/** Partitions that may lack a write are looked at together, after a moment; for more than these there is a full pass. */
const afterMissedMs = 1_000;
const mostSuspects = 1_024;
/**
 * Whoever came back may have written to some replicas of any register and not to others, as a gateway: a
 * full pass finds it. It waits for those that come back together, and takes at most this part of the time.
 */
const defaultFullPassAfterMs = 5_000;
const fullPassesTimesTheirLengthApart = 20;

interface PassResult {
  readonly rewritten: number;
  /** Peers to compare with once more: silent ones, and those that differed. */
  readonly again: ReadonlySet<string>;
}

/** Which peers to compare with. */
type Scope = ReadonlySet<string> | 'all';

/**
 * Brings a node that was away up to date: digests of (key, ballot) per partition are compared with the
 * other replicas, and keys of which a peer has a newer state, tombstones included, are rewritten by the
 * identity. What a peer misses is the peer's work, so nothing is done twice. Passes follow one another
 * until one finds nothing more.
 *
 * Invariants: it changes nothing but which replicas hold a register's newest state; at most
 * `rewritesAtOnce` registers at a time; one pass at a time.
 */
export class CatchUp {
  readonly #deps: CatchUpDeps;
  readonly #abort = new AbortController();
  readonly #cleanup = new DisposableStore();
  readonly #returnedPeers = new Set<string>();
  readonly #suspects = new Map<string, { readonly ring: RingName; readonly hash: number }>();
  #reunited = false;
  /** When a full pass is due, on the monotonic clock; undefined: when the period is over. */
  #fullPassAtMs: number | undefined;
  /** Not before this moment is a full pass that only one peer asks for. */
  #fullPassNotBeforeMs = 0;
  #suspecting: Promise<void> | undefined;
  #wake = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(deps: CatchUpDeps) {
    this.#deps = deps;
  }

  start(): void {
    const { reunited, returned, missedWrites, missed, digests, epochs } = this.#deps;
    this.#cleanup.add(digests.serve());
    const lookAtAll = (): void => {
      this.#reunited = true;
      this.#wake.abort();
    };
    this.#cleanup.add(reunited.on(lookAtAll));
    this.#cleanup.add(epochs.adopted.on(lookAtAll));
    this.#cleanup.add(
      returned.on((peer) => {
        this.#returnedPeers.add(peer);
        this.#wantFullPass();
      }),
    );
    this.#cleanup.add(missedWrites.on(() => this.#wantFullPass()));
    this.#cleanup.add(missed.on((key) => this.#suspect(key)));
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    this.#cleanup.dispose();
    await this.#loop;
    await this.#suspecting;
  }

  /** Soon, but not at once, and never so often that it takes much of the time. */
  #wantFullPass(): void {
    const { clock, fullPassAfterMs = defaultFullPassAfterMs } = this.#deps;
    this.#fullPassAtMs ??= Math.max(clock.monotonicMs() + fullPassAfterMs, this.#fullPassNotBeforeMs);
    this.#wake.abort();
  }

  #suspect({ ring, hash }: RegisterKey): void {
    if (this.#abort.signal.aborted) return;
    if (this.#suspects.size >= mostSuspects) return this.#wantFullPass();
    this.#suspects.set(`${ring} ${hash}`, { ring, hash });
    this.#suspecting ??= this.#clearSuspects();
  }

  /** Compares the partitions of refused accepts with their other replicas, until there are none. */
  async #clearSuspects(): Promise<void> {
    const { clock, random, epochs, digests, logger } = this.#deps;
    try {
      while (this.#suspects.size > 0 && !this.#abort.signal.aborted) {
        await sleep(clock, jittered(random, afterMissedMs), this.#abort.signal);
        const suspects = [...this.#suspects.values()];
        this.#suspects.clear();
        const { active } = epochs;
        if (active === null) return;
        for (const { ring, hash } of suspects) {
          const { partition, peers } = digests.fellowsOf(active, ring, hash);
          for (const peer of peers) if (!(await this.#clear(peer, active, ring, partition))) this.#askAgain(peer);
        }
      }
    } catch (error) {
      logger.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'looking for missed names failed');
    } finally {
      this.#suspecting = undefined;
    }
  }

  /** Whether nothing is missed any more that the peer holds of a partition. */
  async #clear(peer: string, active: ActiveEpoch, ring: RingName, partition: number): Promise<boolean> {
    const differing = await this.#deps.digests.differing(peer, active, ring, [partition]);
    if (differing === undefined) return false;
    return differing.length === 0 || (await this.#settle(peer, active, ring, partition)).kind === 'complete';
  }

  /** Leaves a peer that fell silent to the passes, which ask again for as long as it takes. */
  #askAgain(peer: string): void {
    this.#returnedPeers.add(peer);
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    const { clock, random, serving, epochs, logger } = this.#deps;
    const { signal } = this.#abort;
    let scope: Scope = 'all';
    let waitMs = nextPassMs;
    await sleep(clock, jittered(random, firstWaitMs), signal);
    while (!signal.aborted) {
      const { active } = epochs;
      // While an epoch comes in, carrying names over does all this and more.
      if (active === null || epochs.regime?.phase !== 'active' || !serving()) {
        await sleep(clock, jittered(random, firstWaitMs), signal);
        continue;
      }
      const result = scope === 'all' ? await this.#fullPass(active) : await this.#passOrNot(active, scope);
      if (result === undefined) {
        waitMs = Math.min(longestNextPassMs, waitMs * 2);
        await sleep(clock, jittered(random, waitMs), signal);
        continue;
      }
      const { rewritten, again } = result;
      if (rewritten > 0) logger.info({ rewritten }, 'names that this node had missed are here again');
      waitMs = again.size === 0 ? nextPassMs : Math.min(longestNextPassMs, waitMs * 2);
      const next = await this.#nextScope(again.size === 0 ? undefined : { peers: again, waitMs });
      scope = next.scope;
      // Something has changed: what could not be settled before may be settled now.
      if (next.woken) waitMs = nextPassMs;
    }
  }

  async #fullPass(active: ActiveEpoch): Promise<PassResult | undefined> {
    const { clock } = this.#deps;
    const startedMs = clock.monotonicMs();
    this.#reunited = false;
    this.#fullPassAtMs = undefined;
    const result = await this.#passOrNot(active, 'all');
    const endedMs = clock.monotonicMs();
    this.#fullPassNotBeforeMs = endedMs + fullPassesTimesTheirLengthApart * (endedMs - startedMs);
    return result;
  }

  /** Undefined when it threw: a defect, or a disk that is told of elsewhere. It is tried again, for nobody else would do it. */
  async #passOrNot(active: ActiveEpoch, scope: Scope): Promise<PassResult | undefined> {
    try {
      return await this.pass(active, scope);
    } catch (error) {
      this.#deps.logger.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, 'catching up failed');
      return undefined;
    }
  }

  /** Waits until there is a reason to compare again: the time is over, this node was cut off, or a peer came back. */
  async #nextScope(
    unfinished: { readonly peers: ReadonlySet<string>; readonly waitMs: number } | undefined,
  ): Promise<{ readonly scope: Scope; readonly woken: boolean }> {
    const { clock, random } = this.#deps;
    const ownWaitMs = jittered(random, unfinished?.waitMs ?? periodMs);
    const untilFullMs = (this.#fullPassAtMs ?? Infinity) - clock.monotonicMs();
    await sleep(clock, Math.max(0, Math.min(ownWaitMs, untilFullMs)), this.#wake.signal);
    const woken = this.#wake.signal.aborted;
    this.#wake = new AbortController();
    if (this.#abort.signal.aborted || this.#reunited || this.#isFullPassDue()) return { scope: 'all', woken };
    if (!woken) return { scope: unfinished?.peers ?? 'all', woken };
    await sleep(clock, jittered(random, afterReturnMs), this.#abort.signal);
    const peers = new Set([...this.#returnedPeers, ...(unfinished?.peers ?? [])]);
    this.#returnedPeers.clear();
    return { scope: peers, woken };
  }

  #isFullPassDue(): boolean {
    return this.#fullPassAtMs !== undefined && this.#deps.clock.monotonicMs() >= this.#fullPassAtMs;
  }

  /** Compares every own partition with its other replicas once. */
  async pass(active: ActiveEpoch, scope: Scope = 'all'): Promise<PassResult> {
    const { digests, clock } = this.#deps;
    const again = new Set<string>();
    let rewritten = 0;
    for (const ring of ringNames) {
      for (const [peer, partitions] of digests.sharedPartitions(active, ring)) {
        if (scope !== 'all' && !scope.has(peer)) continue;
        for (let from = 0; from < partitions.length; from += partitionsPerQuestion) {
          if (this.#abort.signal.aborted) return { rewritten, again };
          const differing = await digests.differing(peer, active, ring, partitions.slice(from, from + partitionsPerQuestion));
          if (differing === undefined) {
            again.add(peer);
            break;
          }
          for (const partition of differing) {
            const settled = await this.#settle(peer, active, ring, partition);
            rewritten += settled.rewritten;
            if (settled.rewritten > 0 || settled.kind === 'partial') again.add(peer);
          }
          await sleep(clock, pauseMs, this.#abort.signal);
        }
      }
    }
    return { rewritten, again };
  }

  /** Rewrites what the peer has and this node has missed. `partial`: the peer fell silent, or a name could not be rewritten. */
  async #settle(
    peer: string,
    active: ActiveEpoch,
    ring: RingName,
    partition: number,
  ): Promise<{ kind: 'complete' | 'partial'; rewritten: number }> {
    const { digests } = this.#deps;
    let rewritten = 0;
    let kind: 'complete' | 'partial' = 'complete';
    let after: RowsAfter = null;
    for (;;) {
      const page: { rows: ReplicaRow[]; more: boolean } | undefined = await digests.rowsAt(peer, active, ring, partition, after);
      if (page === undefined) return { kind: 'partial', rewritten };
      const newer = page.rows.filter((row) => digests.isBehind(ring, row));
      if (newer.length > 0) await sleep(this.#deps.clock, onItsWayMs, this.#abort.signal);
      const missing = newer.filter((row) => digests.isBehind(ring, row));
      for (let from = 0; from < missing.length; from += rewritesAtOnce) {
        if (this.#abort.signal.aborted) return { kind: 'partial', rewritten };
        const results = await Promise.all(missing.slice(from, from + rewritesAtOnce).map((row) => this.#rewrite(ring, row)));
        const done = results.filter(Boolean).length;
        rewritten += done;
        if (done < results.length) kind = 'partial';
      }
      const last = page.rows.at(-1);
      if (!page.more || last === undefined) return { kind, rewritten };
      after = { hash: last.hash, key: last.key };
    }
  }

  async #rewrite(ring: RingName, row: ReplicaRow): Promise<boolean> {
    const key = fromHex(row.key);
    if (key === undefined) return false;
    const outcome = await this.#deps.registers.rewrite({ ring, hash: row.hash, key });
    if (!outcome.ok)
      this.#deps.logger.debug({ code: outcome.failure.code }, `a name could not be brought up to date yet: ${outcome.failure.message}`);
    return outcome.ok;
  }
}
