import type { NodeEntry } from '../../contracts/membership.ts';

/** What the Controller keeps of a node beside its entry of the list. */
export interface NodeRecord {
  readonly format: 1;
  readonly entry: NodeEntry;
  /** Position by time of joining, as far as this Controller has seen it, from 0; never reused. */
  readonly index: number;
  readonly instanceId: string;
  /** 0: not known (taken over from the list of another node). */
  readonly certificateExpiresAtMs: number;
  /** Wall clock, for show. */
  readonly stateSinceMs: number;
}
