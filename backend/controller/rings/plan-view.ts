import type { RingPlan } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { Ring, RingSet } from '../../ring/ring.ts';
import type { PreviousRings } from './previous-rings.ts';
import { memberChanges } from './ring-history.ts';

/** A zone that carries this many times its weight is worth a warning. */
const zoneExcessShown = 1.1;

/** What the administrator reads of planned rings; what moves is added later. Pure. */
export function planView(proposal: EpochProposal, rings: RingSet, previous: PreviousRings | null, leftOut: RingPlan['leftOut']): RingPlan {
  const shares = sharesOf(rings.object);
  const before = previous === null ? null : sharesOf(previous.rings.object);
  const members = proposal.members.map((member) => ({
    nodeId: member.id,
    name: member.name,
    zone: member.zone,
    weight: member.weight,
    share: shares.get(member.id) ?? 0,
    shareBefore: before === null ? null : (before.get(member.id) ?? 0),
  }));
  return {
    epoch: proposal.epoch,
    digest: rings.digest,
    membershipVersion: proposal.membershipVersion,
    partitionPower: proposal.partitionPower,
    replicas: proposal.replicas,
    members,
    ...(previous === null ? {} : { changes: memberChanges(previous.proposal, proposal) }),
    leftOut,
    warnings: warningsOf(proposal, members),
  };
}

function sharesOf({ nodes, assignment }: Ring): Map<string, number> {
  const counts = new Uint32Array(nodes.length);
  for (let slot = 0; slot < assignment.length; slot++) counts[assignment[slot] as number] = (counts[assignment[slot] as number] ?? 0) + 1;
  return new Map(nodes.map((node, index) => [node.id, (counts[index] as number) / assignment.length]));
}

function warningsOf(proposal: EpochProposal, members: RingPlan['members']): string[] {
  const warnings: string[] = [];
  const zones = Map.groupBy(members, (member) => member.zone);
  if (zones.size < proposal.replicas) {
    warnings.push(
      `There are ${zones.size} zones for ${proposal.replicas} replicas: two replicas of a partition will share a zone, and its loss can stop part of the names.`,
    );
  }
  const totalWeight = members.reduce((sum, member) => sum + member.weight, 0);
  for (const [zone, inside] of zones) {
    const weight = inside.reduce((sum, member) => sum + member.weight, 0) / totalWeight;
    const share = inside.reduce((sum, member) => sum + member.share, 0);
    if (weight > 0 && share > zoneExcessShown * weight) {
      warnings.push(
        `Zone ${zone} has ${percent(weight)} of the weight but carries ${percent(share)} of the names, ${(share / weight).toFixed(1)} times its part: every name needs replicas in ${Math.min(zones.size, proposal.replicas)} zones. Add nodes there, or accept it.`,
      );
    }
  }
  for (const member of members) {
    const wanted = totalWeight === 0 ? 0 : member.weight / totalWeight;
    if (wanted - member.share > 0.02) {
      warnings.push(
        `${member.name} has ${percent(wanted)} of the weight but gets ${percent(member.share)} of the names: a node can hold a name only once, and zones are kept apart.`,
      );
    }
  }
  return warnings;
}

/** Nodes that could not take what the change sends them. */
export function capacityWarnings(
  plan: RingPlan,
  receivedBytes: ReadonlyMap<string, number>,
  freeBytes: (nodeId: string) => number | null,
): string[] {
  return plan.members.flatMap(({ nodeId, name }) => {
    const received = Math.round(receivedBytes.get(nodeId) ?? 0);
    const free = freeBytes(nodeId);
    if (free === null || received <= free) return [];
    return [
      `${name} would receive ${received} bytes of records and has ${free} free: it would be over its capacity. Give it space or less weight.`,
    ];
  });
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
