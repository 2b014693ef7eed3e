import type { Clock } from '../base/clock.ts';
import { sleep } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { jittered } from '../base/random.ts';
import { ringNames } from '../contracts/ids.ts';
import { decodeRecord, isTombstone } from './record.ts';
import type { RegisterClient } from './register-client.ts';
import type { RegisterKey, RegisterStore, RowPosition } from './register-store.ts';
import type { RegisterView } from './register-view.ts';

export interface PurgerDeps {
  readonly view: RegisterView;
  readonly store: Pick<RegisterStore, 'walk'>;
  readonly registers: Pick<RegisterClient, 'purge' | 'rewrite'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** How long tombstones are kept, by the clock of whoever deleted. Not a matter of safety. */
  readonly retentionMs: number;
  readonly limits?: Partial<PurgerLimits>;
}

export interface PurgerLimits {
  readonly periodMs: number;
  /** Pause between two pages of rows, so that users are not slowed down. */
  readonly pauseMs: number;
  readonly rowsPerPage: number;
  readonly purgesAtOnce: number;
}

const defaultLimits: PurgerLimits = { periodMs: 60 * 60_000, pauseMs: 5, rowsPerPage: 500, purgesAtOnce: 4 };
/** Periods after twice the retention from which on a tombstone has been left by whoever should have purged it. */
const overduePeriods = 10;
const lastHash = 0xffff_ffff;

type WalkedRegister = ReturnType<RegisterStore['walk']>[number];

export interface Purger {
  start(): void;
  stop(): Promise<void>;
  /** One pass over all rows; how many tombstones are gone. */
  pass(): Promise<number>;
}

/**
 * Walks the own rows and purges old tombstones of the partitions whose first live replica this node is, and those
 * that are long overdue whoever is first: after two nodes purged at the same time, the first one may hold its row no more.
 *
 * Invariants: one pass at a time; at most `purgesAtOnce` tombstones under way.
 */
export function createPurger(deps: PurgerDeps): Purger {
  const { view, store, registers, clock, random, logger, retentionMs } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const abort = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  /** Which node does it is a matter of economy only: the replicas check every purge themselves. */
  function isOurs(key: RegisterKey): boolean {
    const [group, ...others] = view.groupsOf(key.ring, key.hash);
    return others.length === 0 && group?.find((node) => node === view.selfId || view.reachable(node)) === view.selfId;
  }

  /** Milliseconds since a name was deleted; null for one that was not. A time in the future is a wrong clock, not a young tombstone. */
  function ageMsOf(head: Uint8Array): number | null {
    return isTombstone(head) ? Math.abs(clock.nowMs() - decodeRecord(head).deletedAtMs) : null;
  }

  function isDue({ key, head }: WalkedRegister): boolean {
    const ageMs = ageMsOf(head);
    if (ageMs === null || ageMs < retentionMs) return false;
    return ageMs >= 2 * retentionMs + overduePeriods * limits.periodMs || isOurs(key);
  }

  async function purgeOne(key: RegisterKey): Promise<boolean> {
    const first = await registers.purge(key);
    if (first !== 'differs') return first === 'purged';
    const rewritten = await registers.rewrite(key);
    return rewritten.ok && (await registers.purge(key)) === 'purged';
  }

  async function purgeAll(keys: readonly RegisterKey[]): Promise<number> {
    let purged = 0;
    for (let from = 0; from < keys.length && !abort.signal.aborted; from += limits.purgesAtOnce) {
      const results = await Promise.all(keys.slice(from, from + limits.purgesAtOnce).map(purgeOne));
      purged += results.filter(Boolean).length;
    }
    return purged;
  }

  async function pass(): Promise<number> {
    let purged = 0;
    for (const ring of ringNames) {
      let after: RowPosition | undefined;
      for (;;) {
        const rows = store.walk({
          ring,
          fromHash: 0,
          toHash: lastHash,
          ...(after === undefined ? {} : { after }),
          limit: limits.rowsPerPage,
        });
        purged += await purgeAll(rows.filter(isDue).map((row) => row.key));
        after = rows.at(-1)?.key;
        if (rows.length < limits.rowsPerPage || abort.signal.aborted) break;
        await sleep(clock, limits.pauseMs, abort.signal);
      }
    }
    return purged;
  }

  async function run(): Promise<void> {
    while (!abort.signal.aborted) {
      await sleep(clock, jittered(random, limits.periodMs), abort.signal);
      if (abort.signal.aborted || !view.serving() || view.regime()?.phase !== 'active') continue;
      try {
        const purged = await pass();
        if (purged > 0) logger.info({ purged }, 'old tombstones are gone from every replica');
      } catch (error) {
        logger.error({ error: String(error) }, 'purging tombstones failed; the next pass tries again');
      }
    }
  }

  return {
    start: () => {
      loop = run();
    },
    stop: async () => {
      abort.abort();
      await loop;
    },
    pass,
  };
}
