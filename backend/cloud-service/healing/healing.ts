import type { BlobDetails } from '../../base/blob-store.ts';
import { BoundedQueue } from '../../base/bounded-queue.ts';
import { sleep } from '../../base/clock.ts';
import type { Service } from '../../base/lifecycle.ts';
import { jittered } from '../../base/random.ts';
import { isBeingDrained } from '../admin-cloud-controller/cluster-map.ts';
import type { Copies } from '../../contracts/drain.ts';
import type { HealingStatus } from '../../contracts/healing.ts';
import { countNamed, countStored, type NamedCopies } from './count-named.ts';
import { Healer, type Verified } from './healer.ts';
import type { HealingDeps } from './healing-deps.ts';
import { Scrubber } from './scrubber.ts';
import { Sweeper } from './sweeper.ts';
import { Telling } from './telling.ts';
import { VerifyWishes } from './verify-wishes.ts';

/** Looks after the bytes of the cluster: heals, scrubs and sweeps in the background. */
export interface Healing extends Service {
  status(): HealingStatus;
  /** Remembered over restarts. */
  pause(): void;
  resume(): void;
  /** Reads all blobs of this node again now. */
  scrub(): void;
  /** The copies on this node shall be asked for soon. */
  verify(nodeId: string): void;
  /** These blobs of this node could not be read by somebody. */
  check(ids: readonly string[]): void;
  /** What the records here say of the copies on a node. */
  countNamed(nodeId: string): Promise<NamedCopies & { readonly own?: { readonly stored: Copies; readonly takesCopies: boolean } }>;
  /** A copy could not be read: on whichever node it lies, it is checked there. */
  reportBadCopy(nodeId: string, blobId: string): void;
}

const collection = 'healing';
const document = 'paused';
const mostToCheck = 1_000;
/** Timers of more than 24 days do not exist. */
const longestTimerMs = 20 * 24 * 60 * 60_000;
/** A node that is being drained looks so often at what it may remove; requests that have just written here get so long to name it. */
const drainTickMs = 2_000;
const drainGraceMs = 10_000;
const tellOfRestMs = 20_000;
/** A walk that could not restore everything is followed by another, the next one after twice as long. */
const retryMs = 30_000;

/**
 * Invariants: at most one walk, one scrub, one check and one sweep at a time; nothing runs while it is paused,
 * before the rings are there, or after `stop`; queues are bounded.
 */
export function createHealing(deps: HealingDeps): Healing {
  return new Caretaker(deps);
}

class Caretaker implements Healing {
  readonly #deps: HealingDeps;
  readonly #healer: Healer;
  readonly #scrubber: Scrubber;
  readonly #sweeper: Sweeper;
  readonly #stop = new AbortController();
  readonly #toCheck = new BoundedQueue<string>(mostToCheck);
  readonly #wishes: VerifyWishes;
  readonly #telling: Telling;
  #work = new AbortController();
  /** Ends what the scrub loop waits for, or a round of the period; it goes on from there later. */
  #wake = new AbortController();
  /** Ends what the check loop waits for. */
  #wakeChecks = new AbortController();
  #paused: boolean;
  #toldOfStart = false;
  #situation = '';
  #walkedMs = Number.NEGATIVE_INFINITY;
  /** Walks one after another that could not restore everything. */
  #failedWalks = 0;
  #sweptMs: number;
  #emptyAgainMs = Number.NEGATIVE_INFINITY;
  #toldOfRestMs = Number.NEGATIVE_INFINITY;
  #scrubWanted = false;
  #loops: Promise<void>[] = [];

  constructor(deps: HealingDeps) {
    this.#deps = deps;
    this.#healer = new Healer(deps);
    this.#scrubber = new Scrubber(deps, (blob) => this.#mend(blob));
    this.#sweeper = new Sweeper(deps);
    this.#wishes = new VerifyWishes(deps, this.#healer.absences);
    this.#telling = new Telling(deps);
    this.#sweptMs = deps.clock.monotonicMs();
    this.#paused = deps.documents.get<{ paused: boolean }>(collection, document)?.paused ?? false;
  }

  start(): Promise<void> {
    this.#loops = [
      this.#loop('healer', () => this.#healTurn()),
      this.#loop('scrub', () => this.#scrubTurn()),
      this.#loop('check', () => this.#checkTurn()),
      this.#loop('sweep', () => this.#sweepTurn()),
      this.#loop('telling', () => this.#tellTurn()),
    ];
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#work.abort();
    this.#wake.abort();
    this.#wakeChecks.abort();
    await Promise.all(this.#loops);
    this.#healer.dispose();
  }

  status(): HealingStatus {
    return {
      paused: this.#paused,
      healer: this.#healer.status,
      scrub: this.#scrubber.status,
      sweep: this.#sweeper.status,
      totals: {
        ...this.#healer.totals,
        damaged: this.#scrubber.totalDamaged,
        swept: this.#sweeper.totalRemoved,
      },
    };
  }

  pause(): void {
    this.#remember(true);
    this.#work.abort();
  }

  resume(): void {
    this.#remember(false);
    if (this.#work.signal.aborted && !this.#stop.signal.aborted) this.#work = new AbortController();
  }

  scrub(): void {
    this.#scrubWanted = true;
    this.#wake.abort();
  }

  verify(nodeId: string): void {
    this.#wishes.wish(nodeId);
  }

  check(ids: readonly string[]): void {
    // What does not fit any more is found by the next scrub.
    for (const id of ids) if (!this.#toCheck.push(id)) break;
    this.#wakeChecks.abort();
  }

  reportBadCopy(nodeId: string, blobId: string): void {
    if (nodeId === this.#deps.cluster.selfId) this.check([blobId]);
    else if (this.#deps.cluster.node(nodeId) !== undefined) {
      void this.#deps.peers.check(nodeId, [blobId]).then((told) => {
        if (!told.ok) this.#deps.logger.debug({ nodeId, blobId, code: told.failure.code }, 'a node could not be told of a bad copy');
      });
    }
  }

  async countNamed(nodeId: string): ReturnType<Healing['countNamed']> {
    const { cluster, blobs } = this.#deps;
    this.#healer.absences.look();
    const named = await countNamed(this.#deps, nodeId, (replicas) => this.#healer.leads(replicas), this.#stop.signal);
    if (nodeId !== cluster.selfId) return named;
    const takesCopies = cluster.self().state !== 'draining';
    return { ...named, own: { takesCopies, stored: await countStored(blobs) } };
  }

  #remember(paused: boolean): void {
    this.#paused = paused;
    this.#deps.documents.commit([{ kind: 'put', collection, key: document, document: { format: 1, paused } }]);
  }

  /** A copy that is in quarantine is made again at once; where that fails, whoever leads its partition goes on trying. */
  async #mend(blob: BlobDetails): Promise<void> {
    const isMended = await this.#healer.mend(blob, this.#work.signal);
    if (isMended) this.#deps.logger.info({ blobId: blob.id }, 'a damaged copy was made again');
    else this.#tellAll();
  }

  /** Everybody who may lead a partition looks for the copies of this node, each as soon as it can be told. */
  #tellAll(): void {
    this.verify(this.#deps.cluster.selfId);
    this.#telling.all();
  }

  async #tellTurn(): Promise<void> {
    const stop = this.#stop.signal;
    await this.#tick();
    if (!stop.aborted && this.#ready()) await this.#telling.turn(stop);
  }

  /** Runs until `stop`. What throws is a defect, or a disk that is told of elsewhere: it is logged, and the next turn comes later. */
  async #loop(what: string, turn: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.#deps;
    while (!this.#stop.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        logger.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, `the ${what} failed`);
        await sleep(clock, retryMs, this.#stop.signal);
      }
    }
  }

  #ready(): boolean {
    return !this.#paused && this.#deps.serving() && this.#deps.partitions() !== null;
  }

  #tick(): Promise<void> {
    const { clock, random, settings } = this.#deps;
    const tickMs = Math.max(50, Math.min(2_000, settings.downAfterMs / 4, settings.takeOverAfterMs / 4, settings.healEveryMs / 4));
    return sleep(clock, jittered(random, tickMs), this.#stop.signal);
  }

  async #healTurn(): Promise<void> {
    const { clock, settings } = this.#deps;
    await this.#tick();
    this.#healer.absences.look();
    this.#wishes.look();
    if (this.#stop.signal.aborted || !this.#ready()) return;
    if (!this.#toldOfStart) {
      // Nobody knows what happened to the disk while this node was down.
      this.#toldOfStart = true;
      this.#tellAll();
    }
    const nowMs = clock.monotonicMs();
    const situation = this.#healer.situation();
    const due = this.#wishes.due();
    const backOffMs = retryMs * 2 ** Math.min(10, this.#failedWalks - 1);
    const everyMs = this.#failedWalks > 0 ? Math.min(backOffMs, settings.healEveryMs) : settings.healEveryMs;
    const isWished = due === 'all' || due.size > 0;
    if (situation === this.#situation && !isWished && nowMs - this.#walkedMs < everyMs) return;
    if (situation !== this.#situation) this.#failedWalks = 0;
    this.#situation = situation;
    this.#walkedMs = nowMs;
    await this.#wishes.during(due, () => this.#walk(due));
  }

  /** Answers the nodes that could not be asked; null when it was interrupted. */
  async #walk(verified: Verified): Promise<ReadonlySet<string> | null> {
    const work = this.#work.signal;
    this.#failedWalks += 1;
    const silent = await this.#healer.pass(verified, work);
    const { logger } = this.#deps;
    const { copiesRestored, copiesFailed, unreadable } = this.#healer.status;
    if (copiesFailed === 0) this.#failedWalks = 0;
    if (copiesRestored > 0 || copiesFailed > 0 || unreadable > 0)
      logger.info({ copiesRestored, copiesFailed, unreadable }, 'copies that were missing have been looked after');
    return work.aborted ? null : silent;
  }

  async #scrubTurn(): Promise<void> {
    const { clock, random, settings } = this.#deps;
    const stop = this.#stop.signal;
    this.#wake = new AbortController();
    if (!this.#scrubWanted && !(this.#ready() && this.#scrubber.isDue()))
      // Stopping wakes it too.
      await sleep(clock, jittered(random, Math.min(60_000, settings.scrubPeriodMs / 10)), this.#wake.signal);
    if (!this.#ready()) return sleep(clock, 500, stop);
    const work = this.#work.signal;
    if (this.#scrubWanted) {
      this.#scrubWanted = false;
      await this.#scrubber.round('on-demand', work);
      if (work.aborted) this.#scrubWanted = true;
      // Blobs that are missing altogether show only from the records.
      else this.#tellAll();
    } else if (this.#scrubber.isDue()) await untilEither(work, this.#wake.signal, (ended) => this.#scrubber.round('periodic', ended));
  }

  /** A loop of its own: a round of the scrub that was interrupted for every copy that somebody could not read would not come to its end. */
  async #checkTurn(): Promise<void> {
    const { clock } = this.#deps;
    this.#wakeChecks = new AbortController();
    // Stopping wakes it too.
    if (this.#toCheck.length === 0) await sleep(clock, longestTimerMs, this.#wakeChecks.signal);
    if (!this.#ready()) return sleep(clock, 500, this.#stop.signal);
    const work = this.#work.signal;
    for (let id = this.#toCheck.shift(); id !== undefined; id = this.#toCheck.shift()) {
      await this.#scrubber.checkNow(id, work);
      if (!work.aborted) continue;
      this.#toCheck.push(id);
      return;
    }
  }

  async #sweepTurn(): Promise<void> {
    const { clock, random, settings } = this.#deps;
    const everyMs = jittered(random, Math.min(settings.sweepEveryMs, longestTimerMs));
    await sleep(clock, Math.min(drainTickMs, everyMs), this.#stop.signal);
    if (this.#stop.signal.aborted || !this.#ready()) return;
    const nowMs = clock.monotonicMs();
    if (isBeingDrained(this.#deps.cluster.self())) {
      if (nowMs >= this.#emptyAgainMs) await this.#empty();
    } else if (nowMs - this.#sweptMs >= everyMs) {
      this.#sweptMs = nowMs;
      await this.#sweeper.pass(this.#work.signal);
    }
  }

  /**
   * This node is on its way out and takes no new copies: what the others have copied away is removed at once. When all
   * is removed, no record can name it. Between two looks it rests as long as one took.
   */
  async #empty(): Promise<void> {
    const { clock, settings } = this.#deps;
    const startedMs = clock.monotonicMs();
    await this.#sweeper.pass(this.#work.signal, Math.min(settings.sweepAfterMs, drainGraceMs));
    const { blobsSeen, removed } = this.#sweeper.status;
    const endedMs = clock.monotonicMs();
    this.#emptyAgainMs = endedMs + Math.max(drainTickMs, endedMs - startedMs);
    // Copies that a request named here while it already knew better, or whose healer has failed.
    if (blobsSeen === 0 || removed > 0 || endedMs - this.#toldOfRestMs < tellOfRestMs) return;
    this.#toldOfRestMs = endedMs;
    this.#tellAll();
  }
}

/**
 * Runs with a signal that aborts with the first of two. Not `AbortSignal.any`: Node holds on to such a signal, and to
 * all that listens to it, until it aborts, so whatever is cut off in between (every simulated crash) would stay in memory.
 */
async function untilEither(first: AbortSignal, second: AbortSignal, run: (ended: AbortSignal) => Promise<void>): Promise<void> {
  const either = new AbortController();
  const end = (): void => either.abort();
  if (first.aborted || second.aborted) end();
  first.addEventListener('abort', end);
  second.addEventListener('abort', end);
  try {
    await run(either.signal);
  } finally {
    first.removeEventListener('abort', end);
    second.removeEventListener('abort', end);
  }
}
