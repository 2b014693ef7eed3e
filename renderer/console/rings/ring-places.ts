import type { AssignmentView } from '../../../backend/contracts/admin-api.ts';
import type { RingName } from '../../../backend/contracts/ids.ts';

/** Where rings lie in the drawing, and what lies at a place of it. Pure; lengths in units of the drawing. */
export const ringRadii: Readonly<Record<RingName, { inner: number; outer: number }>> = {
  object: { inner: 250, outer: 292 },
  container: { inner: 204, outer: 234 },
  account: { inner: 162, outer: 188 },
};

export interface RingPlace {
  readonly ring: RingName;
  readonly partition: number;
  readonly lane: number;
}

/** The partition and replica under a point; null between the rings. Partition 0 begins at the top, clockwise. */
export function placeAt(
  x: number,
  y: number,
  view: (ring: RingName) => Pick<AssignmentView, 'partitionPower' | 'replicas'>,
): RingPlace | null {
  const radius = Math.hypot(x, y);
  for (const ring of ['object', 'container', 'account'] as const) {
    const { inner, outer } = ringRadii[ring];
    if (radius < inner || radius > outer) continue;
    const { partitionPower, replicas } = view(ring);
    const turn = (Math.atan2(x, -y) / (2 * Math.PI) + 1) % 1;
    const lane = Math.min(replicas - 1, Math.floor(((outer - radius) / (outer - inner)) * replicas));
    return { ring, partition: Math.min(2 ** partitionPower - 1, Math.floor(turn * 2 ** partitionPower)), lane };
  }
  return null;
}

/** Middle of a partition in the middle of its ring. */
export function pointOf(ring: RingName, partition: number, partitionPower: number): { x: number; y: number } {
  const { inner, outer } = ringRadii[ring];
  const angle = ((partition + 0.5) / 2 ** partitionPower) * 2 * Math.PI;
  const radius = (inner + outer) / 2;
  return { x: Math.sin(angle) * radius, y: -Math.cos(angle) * radius };
}

/** Who holds one partition, first replica first. */
export function holdersOf(view: AssignmentView, assignment: Uint16Array, partition: number): AssignmentView['nodes'] {
  const start = partition * view.replicas;
  return [...assignment.subarray(start, start + view.replicas)].flatMap((index) => view.nodes[index] ?? []);
}
