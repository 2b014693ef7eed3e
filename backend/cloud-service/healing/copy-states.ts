import type { BlobReference, PlacementPolicy } from '../../contracts/names.ts';
import { isBeingDrained, type ClusterMap } from '../admin-cloud-controller/cluster-map.ts';
import { domainOf } from '../objects/placement.ts';
import type { Absences } from './absences.ts';
import type { HealingPlant } from './healing-deps.ts';

/**
 * What is known of one copy that a record names. `unsure`: its node has been away, but not for long
 * enough to count as gone; `leaving`: its node is on its way out, by the word of an administrator, who does not wait
 * for it to come back if it is away.
 */
export type CopyState = 'good' | 'missing' | 'unsure' | 'leaving' | 'gone';

export interface NamedCopy {
  readonly nodeId: string;
  readonly state: CopyState;
}

/** What is to be done for one blob. */
export interface CopyWork {
  readonly blob: BlobReference;
  readonly copies: readonly NamedCopy[];
  /** Nodes of the record that hold nothing right now and get their copy again. */
  readonly restoreAt: readonly string[];
  /** Further copies needed on other nodes. */
  readonly more: number;
  /** Copies too close to another; each goes once there is one farther away. */
  readonly tooClose: readonly string[];
  /** More copies than the policy asks for; they are only no longer named, the sweep takes the bytes. */
  readonly surplus: readonly string[];
}

/** Copies on nodes that were asked and said that they have not got them: `NODE/BLOB`. */
export type MissingCopies = ReadonlySet<string>;

export function copyStateOf(
  deps: { cluster: ClusterMap; absences: Absences; downAfterMs: number; missing: MissingCopies; plants?: ReadonlySet<HealingPlant> },
  blob: BlobReference,
  nodeId: string,
): CopyState {
  const awayMs = deps.absences.awayMs(nodeId);
  if (awayMs >= deps.downAfterMs) return 'gone';
  const node = deps.cluster.node(nodeId);
  const isLeaving = node !== undefined && (node.state === 'removed' || isBeingDrained(node));
  if (isLeaving && deps.plants?.has('leaving-copies-count') !== true) return 'leaving';
  if (awayMs > 0) return 'unsure';
  return deps.missing.has(`${nodeId}/${blob.id}`) ? 'missing' : 'good';
}

/** Compares the copies of a blob with the policy; undefined when all is well. Pure. */
export function workFor(
  cluster: ClusterMap,
  policy: PlacementPolicy,
  blob: BlobReference,
  copies: readonly NamedCopy[],
): CopyWork | undefined {
  const standing = copies.filter((copy) => copy.state === 'good' || copy.state === 'unsure');
  const missing = copies.filter((copy) => copy.state === 'missing').map((copy) => copy.nodeId);
  const needed = Math.max(0, policy.copies - standing.length);
  const restoreAt = missing.slice(0, needed);
  const allGood = standing.length === copies.length && standing.every((copy) => copy.state === 'good');
  const surplus = allGood ? surplusOf(cluster, policy, standing) : [];
  const tooClose = surplus.length > 0 || needed > 0 ? [] : closeCopies(cluster, policy, standing);
  const replaced = copies.some((copy) => copy.state === 'gone' || copy.state === 'leaving');
  if (needed === 0 && missing.length === 0 && tooClose.length === 0 && surplus.length === 0 && !replaced) return undefined;
  return { blob, copies, restoreAt, more: needed - restoreAt.length, tooClose, surplus };
}

function surplusOf(cluster: ClusterMap, policy: PlacementPolicy, standing: readonly NamedCopy[]): string[] {
  const extra = standing.length - policy.copies;
  if (extra <= 0) return [];
  const close = closeCopies(cluster, policy, standing);
  const others = standing.map((copy) => copy.nodeId).filter((id) => !close.includes(id));
  return [...close, ...others.reverse()].slice(0, extra);
}

/** Copies in a zone (or what the policy tells apart) that an earlier one lies in already. */
function closeCopies(cluster: ClusterMap, policy: PlacementPolicy, standing: readonly NamedCopy[]): string[] {
  const used = new Set<string>();
  const close: string[] = [];
  for (const { nodeId } of standing) {
    const node = cluster.node(nodeId);
    if (node === undefined) continue;
    const domain = domainOf(node, policy);
    if (used.has(domain)) close.push(nodeId);
    used.add(domain);
  }
  return close;
}
