import type { RingsView } from '../../contracts/admin-api.ts';
import type { EpochMember } from '../../contracts/epoch.ts';
import { ringNames } from '../../contracts/ids.ts';
import type { Ring, RingSet } from '../../ring/ring.ts';

type SharesOfRing = RingsView['rings'][number];
type Share = SharesOfRing['shares'][number];

/**
 * What each member has of a ring: partition replicas, share of all, and how many others it shares partitions with. Who was
 * met is one bit for each pair: sets would cost seconds with a thousand nodes.
 */
export function ringShares(ring: Ring, members: readonly EpochMember[]): Share[] {
  const { assignment, replicas } = ring;
  const counts = new Uint32Array(members.length);
  const rowBytes = Math.ceil(members.length / 8);
  const met = new Uint8Array(members.length * rowBytes);
  for (let start = 0; start < assignment.length; start += replicas)
    for (let slot = start; slot < start + replicas; slot++) {
      const node = assignment[slot] as number;
      counts[node] = (counts[node] as number) + 1;
      for (let other = start; other < start + replicas; other++) {
        const peer = assignment[other] as number;
        const at = node * rowBytes + (peer >> 3);
        if (peer !== node) met[at] = (met[at] as number) | (1 << (peer & 7));
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
    peers: onesIn(met.subarray(index * rowBytes, (index + 1) * rowBytes)),
  }));
}

function onesIn(bytes: Uint8Array): number {
  let ones = 0;
  for (const byte of bytes) for (let rest = byte; rest > 0; rest &= rest - 1) ones++;
  return ones;
}

/** The same for the three rings of a set. Counting looks at every partition, so it is done once for a set and its members. */
export function createSharesOfSet(): (set: RingSet, members: readonly EpochMember[]) => SharesOfRing[] {
  let known: { set: RingSet; members: readonly EpochMember[]; rings: SharesOfRing[] } | undefined;
  return (set, members) => {
    if (known?.set !== set || known.members !== members)
      known = { set, members, rings: ringNames.map((ring) => ({ ring, shares: ringShares(set[ring], members) })) };
    return known.rings;
  };
}
