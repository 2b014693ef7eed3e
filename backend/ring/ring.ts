import type { RingName } from '../contracts/ids.ts';

/** A node as the builder sees it. Weight 0 takes no partitions. */
export interface RingNode {
  readonly id: string;
  readonly zone: string;
  readonly weight: number;
}

/**
 * One ring: 2^partitionPower partitions of `replicas` node indices each, partition-major, in
 * `assignment`; indices point into `nodes`, which are in ascending order of id.
 */
export interface Ring {
  readonly nodes: readonly RingNode[];
  readonly partitionPower: number;
  readonly replicas: number;
  readonly assignment: Uint16Array;
}

/** The three rings of an epoch; they differ by their salt. */
export type RingSet = Readonly<Record<RingName, Ring>> & {
  /** SHA-256 (hex) over the canonical form of all three. */
  readonly digest: string;
};
