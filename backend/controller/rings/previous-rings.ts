import type { EpochProposal } from '../../contracts/epoch.ts';
import type { RingSet } from '../../ring/ring.ts';

/** The active rings, which the next ones are built from. */
export interface PreviousRings {
  readonly proposal: EpochProposal;
  readonly rings: RingSet;
}
