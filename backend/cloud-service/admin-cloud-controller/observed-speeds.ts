import type { Clock } from '../../base/clock.ts';
import type { ObservedSpeed } from '../../contracts/cluster-messages.ts';
import { maxObservedSpeeds } from '../../contracts/cluster-messages.ts';

export type Direction = 'read' | 'write';

/** Transfers below this say more about latency than about speed. */
const smallestTelling = 256 * 1024;
/** Share of the newest transfer in the speed that placement goes by. */
const smoothing = 0.2;
/** The best of at least one and at most two of these spans is told. */
const spanMs = 5 * 60_000;
/** Fewer transfers than this tell of the client at the other end as much as of the node. */
const fewestTransfers = 8;

interface Observed {
  /** Smoothed, for the next choice of a copy. */
  recent: number;
  /** The best of this span and of the one before. A slow client can only make a node look slower than it is. */
  best: number;
  bestBefore: number;
  transfers: number;
  transfersBefore: number;
  spanStartedMs: number;
}

/**
 * Speeds of other nodes as transfers of objects have shown them to this one.
 *
 * Invariant: what is told was seen within the last ten minutes, in at least eight transfers.
 */
export class ObservedSpeeds {
  readonly #clock: Clock;
  readonly #byNode = new Map<string, Partial<Record<Direction, Observed>>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  note(nodeId: string, direction: Direction, sizeBytes: number, durationMs: number): void {
    if (sizeBytes < smallestTelling || durationMs <= 0) return;
    const speed = (sizeBytes * 1000) / durationMs;
    const directions = this.#byNode.get(nodeId) ?? {};
    this.#byNode.set(nodeId, directions);
    const nowMs = this.#clock.monotonicMs();
    const known = directions[direction];
    const observed = known ?? { recent: speed, best: 0, bestBefore: 0, transfers: 0, transfersBefore: 0, spanStartedMs: nowMs };
    directions[direction] = observed;
    turnSpan(observed, nowMs);
    observed.recent += smoothing * (speed - observed.recent);
    observed.best = Math.max(observed.best, speed);
    observed.transfers += 1;
  }

  /** Bytes per second, smoothed; undefined for a node that nothing was transferred with. */
  recent(nodeId: string, direction: Direction): number | undefined {
    return this.#byNode.get(nodeId)?.[direction]?.recent;
  }

  keepOnly(isKnown: (nodeId: string) => boolean): void {
    for (const nodeId of this.#byNode.keys()) if (!isKnown(nodeId)) this.#byNode.delete(nodeId);
  }

  /** For the Controller. */
  report(): ObservedSpeed[] {
    const told: ObservedSpeed[] = [];
    for (const [nodeId, { read, write }] of this.#byNode) {
      const readBytesPerSecond = this.#best(read);
      const writeBytesPerSecond = this.#best(write);
      if (readBytesPerSecond === null && writeBytesPerSecond === null) continue;
      told.push({ nodeId, readBytesPerSecond, writeBytesPerSecond });
      if (told.length === maxObservedSpeeds) break;
    }
    return told;
  }

  #best(observed: Observed | undefined): number | null {
    if (observed === undefined) return null;
    turnSpan(observed, this.#clock.monotonicMs());
    if (observed.transfers + observed.transfersBefore < fewestTransfers) return null;
    return Math.round(Math.max(observed.best, observed.bestBefore));
  }
}

function turnSpan(observed: Observed, nowMs: number): void {
  const agoMs = nowMs - observed.spanStartedMs;
  if (agoMs < spanMs) return;
  const follows = agoMs < 2 * spanMs;
  observed.bestBefore = follows ? observed.best : 0;
  observed.transfersBefore = follows ? observed.transfers : 0;
  observed.best = 0;
  observed.transfers = 0;
  observed.spanStartedMs = nowMs;
}
