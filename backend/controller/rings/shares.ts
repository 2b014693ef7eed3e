import type { RingsView } from '../../contracts/admin-api.ts';
import type { EpochMember } from '../../contracts/epoch.ts';
import type { Ring } from '../../ring/ring.ts';

type Share = RingsView['rings'][number]['shares'][number];

/** What each member has of a ring: partition replicas, share of all, and how many others it shares partitions with. */
export function ringShares(ring: Ring, members: readonly EpochMember[]): Share[] {
  const { assignment, replicas } = ring;
  const counts = new Array<number>(members.length).fill(0);
  const peers = members.map(() => new Set<number>());
  for (let start = 0; start < assignment.length; start += replicas) {
    const partition = assignment.subarray(start, start + replicas);
    for (const node of partition) {
      counts[node] = (counts[node] ?? 0) + 1;
      for (const other of partition) if (other !== node) peers[node]?.add(other);
    }
  }
  return members.map((member, index) => ({
    index,
    nodeId: member.id,
    name: member.name,
    zone: member.zone,
    weight: member.weight,
    partitions: counts[index] as number,
    share: (counts[index] as number) / assignment.length,
    peers: peers[index]?.size ?? 0,
  }));
}
