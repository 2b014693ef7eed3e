import type { ListMark } from '../../contracts/lineage.ts';
import type { NodeEntry } from '../../contracts/membership.ts';

/** What the administrator, or the node itself, says of a node; how it fares is found out again by probes. */
export type ToldPart = 'parameters' | 'addresses' | 'weight' | 'drain';

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
  /**
   * In which version each part was last changed here, or the version of the list of others that it was taken from; missing where it is as it was when
   * the node joined, or when a release without marks kept it.
   */
  readonly changes?: Readonly<Partial<Record<ToldPart, ListMark>>>;
}
