import { idealCounts } from './ideals.ts';
import type { Ring } from './ring.ts';

const listedAtMost = 20;

/** What is wrong with a ring, in words; empty for a good one. At most 20 findings. */
export function checkRing(ring: Ring): string[] {
  const { nodes, partitionPower, replicas, assignment } = ring;
  const wanted = replicas * 2 ** partitionPower;
  if (assignment.length !== wanted) return [`the assignment has ${assignment.length} entries instead of ${wanted}`];
  const findings: string[] = [];
  const report = (finding: string): void => {
    if (findings.length < listedAtMost) findings.push(finding);
  };
  nodes.forEach((node, index) => {
    const next = nodes[index + 1];
    if (next !== undefined && !(node.id < next.id)) report(`nodes ${node.id} and ${next.id} are not in ascending order`);
  });
  const ideals = idealCounts(nodes, replicas, partitionPower);
  const counts = new Int32Array(nodes.length);
  for (let base = 0; base < assignment.length; base += replicas) {
    const row = [...assignment.subarray(base, base + replicas)];
    const partition = base / replicas;
    const unknown = row.find((node) => node >= nodes.length);
    if (unknown !== undefined) {
      report(`partition ${partition} names node number ${unknown} of ${nodes.length}`);
      continue;
    }
    for (const node of row) counts[node] = (counts[node] as number) + 1;
    if (new Set(row).size < replicas) report(`partition ${partition} has a node twice`);
    const zones = new Map<number, number>();
    for (const node of row) zones.set(ideals.zoneOf[node] as number, (zones.get(ideals.zoneOf[node] as number) ?? 0) + 1);
    for (const [zone, copies] of zones)
      if (copies > ideals.mostOfZone) report(`partition ${partition} has ${copies} replicas in zone ${ideals.zones[zone] ?? '(weight 0)'}`);
    ideals.leastOfZone.forEach((least, zone) => {
      if ((zones.get(zone) ?? 0) < least)
        report(`partition ${partition} has ${zones.get(zone) ?? 0} replicas in zone ${ideals.zones[zone]}, where it could have ${least}`);
    });
  }
  nodes.forEach((node, index) => {
    const deviation = Math.abs((counts[index] as number) - (ideals.zoned[index] as number));
    if (deviation >= 1)
      report(`node ${node.id} holds ${counts[index]} partitions, its ideal is ${(ideals.zoned[index] as number).toFixed(2)}`);
  });
  return findings;
}
