import type { NodeEntry } from '../../contracts/membership.ts';

/** A measured speed takes the place of the one in use only when it differs by more than this (protocol section 6). */
const tolerance = 0.2;

/** One node that a proposal would take in. */
export interface SpeedReading {
  readonly entry: NodeEntry;
  readonly measuredWriteBytesPerSecond: number | null;
}

interface SpeedInUse {
  readonly declared: number;
  readonly bytesPerSecond: number;
}

/**
 * The write speeds that give nodes their weights.
 *
 * Invariants: a speed stays until another differs by more than 20 %, so that the same list gives the
 * same plan; speeds are measured for all nodes or declared for all, because a weight compares them.
 */
export class WriteSpeeds {
  #inUse = new Map<string, SpeedInUse>();

  /** Takes new measurements over, for a new plan. */
  refresh(nodes: readonly SpeedReading[]): void {
    const allMeasured = nodes.every((node) => isMeasured(node.measuredWriteBytesPerSecond));
    this.#inUse = new Map(
      nodes.map(({ entry, measuredWriteBytesPerSecond }) => {
        const declared = entry.parameters.declaredWriteBytesPerSecond;
        const offered = allMeasured ? (measuredWriteBytesPerSecond ?? declared) : declared;
        return [entry.id, { declared, bytesPerSecond: differs(offered, this.#held(entry)) ? offered : this.#held(entry) }];
      }),
    );
  }

  /** The speed of the last plan, or the declared one for a node that was not in it or declares another since. */
  of(entry: NodeEntry): number {
    return this.#held(entry);
  }

  #held(entry: NodeEntry): number {
    const declared = entry.parameters.declaredWriteBytesPerSecond;
    const held = this.#inUse.get(entry.id);
    return held?.declared === declared ? held.bytesPerSecond : declared;
  }
}

function isMeasured(bytesPerSecond: number | null): boolean {
  return bytesPerSecond !== null && bytesPerSecond > 0;
}

function differs(offered: number, held: number): boolean {
  return Math.abs(offered - held) > held * tolerance;
}
