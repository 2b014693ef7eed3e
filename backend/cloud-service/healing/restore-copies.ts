import type { Outcome } from '../../base/outcome.ts';
import type { PlacementPolicy } from '../../contracts/names.ts';
import type { MappedNode } from '../admin-cloud-controller/cluster-map.ts';
import { Placement } from '../objects/placement.ts';
import type { ByteBudget } from './byte-budget.ts';
import { copyBlob } from './copy-blob.ts';
import type { CopyState, CopyWork } from './copy-states.ts';
import type { HealingDeps } from './healing-deps.ts';

/** What became of one blob: which nodes its record is to name, and which of them are new there. */
export interface RestoredBlob {
  readonly blobId: string;
  readonly nodes: readonly string[];
  readonly added: readonly string[];
  readonly restored: number;
  readonly failed: number;
  readonly unreadable: boolean;
}

/** A record names at most so many copies (contracts/names.ts). */
const mostNamed = 8;

/**
 * Makes the copies of one blob that are missing. A copy that was made is never removed here when its
 * record then refuses it: another healer may have named the very same bytes. The sweep knows.
 */
export async function restoreCopies(
  deps: HealingDeps,
  budget: ByteBudget,
  policy: PlacementPolicy,
  work: CopyWork,
  signal: AbortSignal,
): Promise<RestoredBlob> {
  const { blob } = work;
  const inState = (...states: CopyState[]): string[] =>
    work.copies.filter((copy) => states.includes(copy.state)).map((copy) => copy.nodeId);
  const sources = [...inState('good'), ...inState('leaving'), ...inState('unsure')];
  const remains = inState('missing');
  const wanted = work.restoreAt.length + work.more;
  const copyTo = (target: string): Promise<Outcome<void>> => copyBlob(deps, budget, blob, { sources, remains, target, signal });
  const holders = inState('good', 'unsure').filter((id) => !work.surplus.includes(id));
  const added: string[] = [];
  let restored = 0;
  let failed = 0;

  for (const nodeId of work.restoreAt) {
    if (!(await noted(deps, blob.id, nodeId, copyTo(nodeId)))) continue;
    holders.push(nodeId);
    sources.push(nodeId);
    restored += 1;
  }
  const nodesOf = (ids: readonly string[]): MappedNode[] => ids.flatMap((id) => deps.cluster.node(id) ?? []);
  const except = new Set(blob.nodes);
  let missing = wanted - restored;
  const placement = new Placement(deps.cluster, deps.random, { policy, sizeBytes: blob.size, besides: nodesOf(holders), except });
  while (missing > 0 && !signal.aborted) {
    const node = placement.next();
    if (node === undefined) break;
    if (await noted(deps, blob.id, node.id, copyTo(node.id))) {
      added.push(node.id);
      sources.push(node.id);
      restored += 1;
      missing -= 1;
    } else placement.release(node);
  }
  failed += missing;
  for (const nodeId of work.tooClose) {
    if (!placement.hasDistinct || signal.aborted) break;
    const node = placement.next();
    if (node === undefined || !(await noted(deps, blob.id, node.id, copyTo(node.id)))) continue;
    added.push(node.id);
    restored += 1;
    holders.splice(holders.indexOf(nodeId), 1);
  }
  holders.push(...added);
  // Whoever cannot be replaced yet stays named: it may come back, and nobody else has its bytes.
  const rest = holders.length >= policy.copies ? [] : inState('missing', 'leaving', 'gone').filter((id) => !holders.includes(id));
  return {
    blobId: blob.id,
    nodes: [...holders, ...rest].slice(0, mostNamed),
    added,
    restored,
    failed,
    // Copies in quarantine may make a whole one together.
    unreadable: sources.length === 0,
  };
}

async function noted(deps: HealingDeps, blobId: string, nodeId: string, copying: Promise<Outcome<void>>): Promise<boolean> {
  const copied = await copying;
  if (!copied.ok)
    deps.logger.debug({ blobId, nodeId, code: copied.failure.code }, `a copy could not be made yet: ${copied.failure.message}`);
  return copied.ok;
}
