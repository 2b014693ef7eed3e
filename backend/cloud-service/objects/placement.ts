import type { Random } from '../../base/random.ts';
import type { PlacementPolicy } from '../../contracts/names.ts';
import type { ClusterMap, MappedNode } from '../admin-cloud-controller/cluster-map.ts';
import { acceptsCopies } from '../admin-cloud-controller/cluster-map.ts';

/** Space that a node must keep free beyond the object, so that name records and repairs still fit. */
const reserveBytes = 16 * 1024 * 1024;

export interface PlacementRequest {
  readonly policy: PlacementPolicy;
  /** Undefined when the client did not say. */
  readonly sizeBytes: number | undefined;
  /** Nodes that have a copy already: never chosen, and others are chosen away from them. */
  readonly besides?: readonly MappedNode[];
  /** Never chosen either. */
  readonly except?: ReadonlySet<string>;
}

/**
 * Chooses nodes for the copies of one blob, one after another, so that a copy that fails can be
 * replaced by the next best. Distinct zones (or regions, providers) first; when those have run
 * out, other nodes rather than none: the healer moves such copies later.
 *
 * Invariant: never answers the same node twice.
 */
export class Placement {
  readonly #ranked: MappedNode[];
  readonly #policy: PlacementPolicy;
  readonly #usedDomains = new Set<string>();
  readonly #taken = new Set<string>();

  constructor(cluster: ClusterMap, random: Random, request: PlacementRequest) {
    this.#policy = request.policy;
    this.#ranked = rank(cluster, random, request).filter((node) => request.except?.has(node.id) !== true);
    for (const node of request.besides ?? []) {
      this.#taken.add(node.id);
      this.#usedDomains.add(domainOf(node, request.policy));
    }
  }

  /** Whether there is a node left that shares no zone (or region, provider) with those chosen. */
  get hasDistinct(): boolean {
    return this.#ranked.some((node) => !this.#taken.has(node.id) && !this.#usedDomains.has(domainOf(node, this.#policy)));
  }

  /** The next node, or undefined when none is left. */
  next(): MappedNode | undefined {
    const free = this.#ranked.filter((node) => !this.#taken.has(node.id));
    const chosen = free.find((node) => !this.#usedDomains.has(domainOf(node, this.#policy))) ?? free[0];
    if (!chosen) return undefined;
    this.#taken.add(chosen.id);
    this.#usedDomains.add(domainOf(chosen, this.#policy));
    return chosen;
  }

  /** How many nodes could still be chosen. */
  get remaining(): number {
    return this.#ranked.filter((node) => !this.#taken.has(node.id)).length;
  }

  /** The copy on `node` failed: its zone counts as unused again, the node itself stays out. */
  release(node: MappedNode): void {
    this.#usedDomains.delete(domainOf(node, this.#policy));
  }
}

function rank(cluster: ClusterMap, random: Random, request: PlacementRequest): MappedNode[] {
  const needed = (request.sizeBytes ?? 0) + reserveBytes;
  const candidates: { node: MappedNode; cost: number }[] = [];
  for (const node of cluster.nodes()) {
    const isSelf = node.id === cluster.selfId;
    if (node.state === 'draining' || (!isSelf && !acceptsCopies(node))) continue;
    if (node.freeBytes < needed) continue;
    candidates.push({
      node,
      cost: costOf(node, request.policy, isSelf) * (0.9 + 0.2 * random.fraction()) + penaltyOf(node, request.policy, isSelf),
    });
  }
  candidates.sort((left, right) => left.cost - right.cost);
  return candidates.map((candidate) => candidate.node);
}

/** Less is better; compared only within one preference. */
function costOf(node: MappedNode, policy: PlacementPolicy, isSelf: boolean): number {
  switch (policy.prefer) {
    case 'local':
    case 'fastest':
      return isSelf ? 0 : 1e9 / Math.max(1, node.writeBytesPerSecond) + (node.roundTripMs ?? 1);
    case 'cheapest':
      return node.storagePricePerGb;
    case 'emptiest':
      return 1 - node.freeBytes / Math.max(1, node.capacityBytes);
  }
}

function penaltyOf(node: MappedNode, policy: PlacementPolicy, isSelf: boolean): number {
  if (isSelf && policy.prefer === 'local') return -1e12;
  // A suspect or never tried node is used only when the others do not suffice.
  return (node.state === 'healthy' ? 0 : 1e10) + (isSelf || node.reachability === 'reachable' ? 0 : 1e9);
}

/** What the policy tells apart: two copies should not share it. */
export function domainOf(node: MappedNode, policy: PlacementPolicy): string {
  switch (policy.distinct) {
    case 'node':
      return node.id;
    case 'zone':
      return `${node.provider}/${node.region}/${node.zone}`;
    case 'region':
      return `${node.provider}/${node.region}`;
    case 'provider':
      return node.provider;
  }
}
