import type { EpochCertificate } from '../../contracts/epoch.ts';
import { everyRange, rangesWhere, type HashRange } from '../../epochs/replicas.ts';
import type { RingSet } from '../../ring/ring.ts';

interface Epoch {
  readonly certificate: EpochCertificate;
  readonly rings: RingSet;
}

/** Bugs that the simulator plants. */
export type EpochPlant = 'no-drop-on-reentry';

/**
 * Rows of partitions of which this node was not a replica in every epoch between: others have written and deleted
 * there meanwhile, and what is left here could bring something back. A whole epoch missed: its rings are not known.
 */
export function rowsToDrop(
  before: Epoch | null,
  next: Epoch,
  { selfId, plants }: { readonly selfId: string; readonly plants?: ReadonlySet<EpochPlant> },
): readonly HashRange[] {
  if (before === null || before.certificate.proposal.epoch === next.certificate.proposal.epoch) return [];
  if (plants?.has('no-drop-on-reentry') === true) return [];
  if (before.certificate.proposal.epoch < next.certificate.proposal.epoch - 1) return everyRange;
  return rangesWhere(before.rings, next.rings, selfId, (heldBefore, holdsNow) => holdsNow && !heldBefore);
}
