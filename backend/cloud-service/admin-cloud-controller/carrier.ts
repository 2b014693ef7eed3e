import { sleep, type Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { success, type Outcome } from '../../base/outcome.ts';
import type { PartitionsByRing } from '../../contracts/epoch-change.ts';
import { ringNames, type RingName } from '../../contracts/ids.ts';
import { givenUpBy, roundOf, standingReplicas } from '../../epochs/recovery.ts';
import { hashRange, replicaIds } from '../../epochs/replicas.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import { compareRegimes, type Regime } from '../../register/register-view.ts';
import type { EpochState, EpochView } from './epoch-state.ts';

export interface CarrierDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly epochs: EpochState;
  readonly registers: Pick<RegisterClient, 'carry'>;
  readonly settings: CarrierSettings;
}

export interface CarrierSettings {
  readonly partitionsAtOnce: number;
  readonly rewritesAtOnce: number;
  readonly keysPerPage: number;
  /** Before each page of a partition, so that users are not slowed down. */
  readonly pauseMs: number;
}

export const defaultCarrierSettings: CarrierSettings = { partitionsAtOnce: 8, rewritesAtOnce: 8, keysPerPage: 200, pauseMs: 1 };
const retryMs = 250;

interface Work {
  readonly regime: Regime;
  readonly abort: AbortController;
  readonly open: Map<string, { readonly ring: RingName; readonly partition: number }>;
  readonly done: Record<RingName, Set<number>>;
  running: number;
  names: number;
}

/**
 * Carries the partitions that it is given into the coming epoch, and remembers which are done.
 *
 * Invariants: at most `partitionsAtOnce` are under way; a partition counts as done only after every page of it was;
 * work for another epoch, or an earlier round, is given up.
 */
export class Carrier {
  readonly #deps: CarrierDeps;
  #work: Work | null = null;
  #stopped = false;

  constructor(deps: CarrierDeps) {
    this.#deps = deps;
  }

  stop(): void {
    this.#stopped = true;
    this.#work?.abort.abort();
  }

  /** Takes partitions of the epoch before that of `regime` on. */
  assign(regime: Regime, partitions: PartitionsByRing): void {
    if (this.#stopped) return;
    const work = this.#workOf(regime);
    for (const ring of ringNames)
      for (const partition of partitions[ring])
        if (!work.done[ring].has(partition)) work.open.set(`${ring} ${partition}`, { ring, partition });
    while (work.running < this.#deps.settings.partitionsAtOnce && work.running < work.open.size) {
      work.running += 1;
      void this.#run(work).finally(() => (work.running -= 1));
    }
  }

  progress(regime: Regime): { readonly done: PartitionsByRing; readonly open: number; readonly names: number } {
    const work = this.#work !== null && compareRegimes(this.#work.regime, regime) === 0 ? this.#work : null;
    const list = (ring: RingName): number[] => [...(work?.done[ring] ?? [])];
    return {
      done: { account: list('account'), container: list('container'), object: list('object') },
      open: work?.open.size ?? 0,
      names: work?.names ?? 0,
    };
  }

  #workOf(regime: Regime): Work {
    if (this.#work !== null && compareRegimes(this.#work.regime, regime) === 0) return this.#work;
    this.#work?.abort.abort();
    const done = { account: new Set<number>(), container: new Set<number>(), object: new Set<number>() };
    this.#work = { regime, abort: new AbortController(), open: new Map(), done, running: 0, names: 0 };
    return this.#work;
  }

  readonly #taken = new WeakMap<Work, Set<string>>();

  async #run(work: Work): Promise<void> {
    const { clock, logger } = this.#deps;
    const { signal } = work.abort;
    const taken = this.#taken.get(work) ?? new Set<string>();
    this.#taken.set(work, taken);
    for (;;) {
      const next = [...work.open].find(([id]) => !taken.has(id));
      if (next === undefined || signal.aborted || !this.#isCarrying(work)) return;
      const [id, { ring, partition }] = next;
      taken.add(id);
      try {
        const outcome = await this.#carry(work, ring, partition);
        if (outcome.ok) {
          work.done[ring].add(partition);
          work.open.delete(id);
        } else {
          logger.debug({ ring, partition, code: outcome.failure.code }, `names could not be carried over yet: ${outcome.failure.message}`);
          await sleep(clock, retryMs, signal);
        }
      } catch (error) {
        logger.error({ ring, partition, error: String(error) }, 'carrying names over failed');
        await sleep(clock, retryMs, signal);
      } finally {
        taken.delete(id);
      }
    }
  }

  #isCarrying(work: Work): boolean {
    const { regime } = this.#deps.epochs;
    return regime !== null && compareRegimes(regime, work.regime) === 0;
  }

  async #carry(work: Work, ring: RingName, partition: number): Promise<Outcome<void>> {
    const { clock, epochs, registers, settings } = this.#deps;
    const { current } = epochs;
    if (current === null || current.previous === null) throw new Error('there is no epoch to carry names from');
    for (const range of rangesToCarry(current, ring, partition)) {
      const carried = await registers.carry(
        { ring, ...range },
        {
          keysPerPage: settings.keysPerPage,
          rewritesAtOnce: settings.rewritesAtOnce,
          signal: work.abort.signal,
          beforePage: () => sleep(clock, settings.pauseMs, work.abort.signal),
          onCarried: (names) => {
            work.names += names;
          },
        },
      );
      if (!carried.ok) return carried;
    }
    return success(undefined);
  }
}

/** The hashes of a partition of the epoch before; where nodes are given up in the midst of the change, only those that somebody is left to hold. */
function rangesToCarry(
  { certificate, rings, previous }: EpochView,
  name: RingName,
  partition: number,
): { readonly fromHash: number; readonly toHash: number }[] {
  const [old, next] = [previous?.rings[name] ?? rings[name], rings[name]];
  if (roundOf(certificate.proposal) === 0) return [hashRange(old, partition)];
  const parts = 2 ** (next.partitionPower - old.partitionPower);
  return Array.from({ length: parts }, (_, part) => partition * parts + part)
    .filter((part) => standingReplicas(replicaIds(next, part), givenUpBy(certificate.proposal)).length > 0)
    .map((part) => hashRange(next, part));
}
