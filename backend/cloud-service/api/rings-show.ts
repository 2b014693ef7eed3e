import type { RingsShowAnswer } from '../../contracts/cluster-messages.ts';
import type { Ring } from '../../ring/ring.ts';
import type { EpochView } from '../admin-cloud-controller/epoch-state.ts';

/** What this node computed itself: digest and partition replicas per node and ring. */
export function showRings(active: EpochView | null): RingsShowAnswer {
  if (active === null) return { epoch: 0, phase: null, digest: null, partitionPower: null, replicas: null, shares: [] };
  const { certificate, rings } = active;
  const { epoch, members, partitionPower, replicas } = certificate.proposal;
  const counts = {
    account: replicasPerNode(rings.account),
    container: replicasPerNode(rings.container),
    object: replicasPerNode(rings.object),
  };
  return {
    epoch,
    phase: certificate.phase,
    digest: rings.digest,
    partitionPower,
    replicas,
    shares: members.map(({ id, name, zone }) => ({
      nodeId: id,
      name,
      zone,
      account: counts.account.get(id) ?? 0,
      container: counts.container.get(id) ?? 0,
      object: counts.object.get(id) ?? 0,
    })),
  };
}

function replicasPerNode(ring: Ring): Map<string, number> {
  const perIndex = new Uint32Array(ring.nodes.length);
  for (const index of ring.assignment) perIndex[index] = (perIndex[index] ?? 0) + 1;
  return new Map(ring.nodes.map((node, index) => [node.id, perIndex[index] ?? 0]));
}
