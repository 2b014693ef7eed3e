import type { EpochCertificate, EpochMember, EpochProposal } from '../../../backend/contracts/epoch.ts';
import type { SeededRandom } from '../seeded-random.ts';
import { genesis, type RingNode } from './ring-node.ts';

export const firstMembers = 5;
const fewestMembers = 4;

export interface PlanDeps {
  readonly random: SeededRandom;
  readonly nodes: readonly RingNode[];
  /** Ids of those whose disks are gone for good. */
  readonly lost: ReadonlySet<string>;
}

/** Somebody comes, somebody goes, weights change, partitions split; lost disks are replaced by new nodes. */
export function planChange({ random, lost, nodes }: PlanDeps, active: EpochCertificate, membershipVersion: number): EpochProposal {
  const members = active.proposal.members.filter(({ id }) => !lost.has(id)).map((member) => ({ ...member }));
  const outside = nodes.filter((node) => !lost.has(node.id) && !members.some(({ id }) => id === node.id));
  // Two that leave at once take two of three replicas of some partitions along: only carrying over saves those names.
  const leaving = members.length > fewestMembers ? random.below(3) : 0;
  for (let left = 0; left < leaving; left++) members.splice(random.below(members.length), 1);
  for (let more = random.below(2) + Math.max(0, firstMembers - members.length); more > 0 && outside.length > 0; more--) {
    const [chosen] = outside.splice(random.below(outside.length), 1);
    if (chosen !== undefined) members.push(memberOf(nodes, chosen, 10));
  }
  for (const member of members) if (random.chance(0.3)) member.weight = 5 + random.below(20);
  members.sort((left, right) => (left.id < right.id ? -1 : 1));
  const { partitionPower } = active.proposal;
  return {
    format: 1,
    clusterId: genesis.clusterId,
    epoch: active.proposal.epoch + 1,
    attempt: 1,
    members,
    partitionPower: partitionPower < 4 && random.chance(0.3) ? partitionPower + 1 : partitionPower,
    replicas: members.length >= 5 && random.chance(0.2) ? 5 : 3,
    membershipVersion,
    previousDigest: active.digest,
  };
}

export function memberOf(nodes: readonly RingNode[], node: RingNode, weight: number): EpochMember {
  const number = nodes.indexOf(node);
  return { id: node.id, name: `n${number}`, zone: `z${number % 3}`, weight };
}
