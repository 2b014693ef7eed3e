import type { RingPlan } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { Ring, RingSet } from '../../ring/ring.ts';
import { shareWarnings } from './plan-warnings.ts';
import type { PreviousRings } from './previous-rings.ts';
import { memberChanges } from './ring-history.ts';

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
    warnings: shareWarnings(proposal, members),
  };
}

function sharesOf({ nodes, assignment }: Ring): Map<string, number> {
  const counts = new Uint32Array(nodes.length);
  for (let slot = 0; slot < assignment.length; slot++) counts[assignment[slot] as number] = (counts[assignment[slot] as number] ?? 0) + 1;
  return new Map(nodes.map((node, index) => [node.id, (counts[index] as number) / assignment.length]));
}
