import { arc } from 'd3-shape';
import type { AssignmentView } from '../../../backend/contracts/admin-api.ts';

/** From a ring's assignment to one SVG path a node. Pure. */

export interface RingShape {
  readonly nodes: readonly {
    readonly nodeId: string;
    readonly name: string;
    readonly zone: string;
    readonly share: number;
    readonly path: string;
  }[];
  readonly partitions: number;
}

/** More segments than this around the circle are finer than a pixel. */
export const finestSlots = 2048;

/** The indices of an assignment, of every partition that it tells: Uint16, little-endian, in base64. Throws on a length that does not fit. */
export function decodeAssignment(view: Pick<AssignmentView, 'assignment' | 'partitionPower' | 'replicas' | 'everyNth'>): Uint16Array {
  const text = atob(view.assignment);
  const entries = (2 ** view.partitionPower / (view.everyNth ?? 1)) * view.replicas;
  if (text.length !== entries * 2) throw new Error(`the assignment has ${text.length} bytes instead of ${entries * 2}`);
  const result = new Uint16Array(entries);
  for (let index = 0; index < entries; index++) result[index] = text.charCodeAt(2 * index) | (text.charCodeAt(2 * index + 1) << 8);
  return result;
}

/** Partitions (counting every replica) that each node holds, as a share of all that are told. */
function sharesOf(assignment: Uint16Array, nodeCount: number): number[] {
  const counts = new Array<number>(nodeCount).fill(0);
  for (const node of assignment) counts[node] = (counts[node] ?? 0) + 1;
  return counts.map((count) => count / assignment.length);
}

/**
 * Every partition has a place on the circle, and one lane for each of its replicas. Up to `mostSlots`
 * partitions each is drawn; of finer rings every n-th stands for its neighbours. Adjacent segments
 * of a node in a lane become one arc, and all arcs of a node one path.
 */
export function ringShape(view: AssignmentView, innerRadius: number, outerRadius: number, mostSlots: number = finestSlots): RingShape {
  const assignment = decodeAssignment(view);
  const told = assignment.length / view.replicas;
  const slots = Math.min(told, mostSlots);
  const stride = told / slots;
  const laneWidth = (outerRadius - innerRadius) / view.replicas;
  const paths: string[][] = view.nodes.map(() => []);
  const segment = arc<{ lane: number; from: number; to: number }>()
    .innerRadius(({ lane }) => outerRadius - (lane + 1) * laneWidth + 0.35)
    .outerRadius(({ lane }) => outerRadius - lane * laneWidth)
    .startAngle(({ from }) => (from / slots) * 2 * Math.PI)
    .endAngle(({ to }) => (to / slots) * 2 * Math.PI)
    .digits(2);

  for (let lane = 0; lane < view.replicas; lane++) {
    const ownerAt = (slot: number): number => assignment[slot * stride * view.replicas + lane] ?? 0;
    let from = 0;
    for (let slot = 1; slot <= slots; slot++) {
      if (slot < slots && ownerAt(slot) === ownerAt(from)) continue;
      paths[ownerAt(from)]?.push(segment({ lane, from, to: slot }) ?? '');
      from = slot;
    }
  }
  const shares = sharesOf(assignment, view.nodes.length);
  return {
    partitions: 2 ** view.partitionPower,
    nodes: view.nodes.map((node, index) => ({ ...node, share: shares[index] ?? 0, path: (paths[index] ?? []).join('') })),
  };
}

/** The arcs of several nodes that have one colour as one path, for a picture in which nothing is pointed at: a thousand nodes have few colours. */
export function byColour(nodes: RingShape['nodes'], colourOf: (name: string) => string): readonly { colour: string; path: string }[] {
  const paths = new Map<string, string[]>();
  for (const { name, path } of nodes) {
    const colour = colourOf(name);
    const known = paths.get(colour);
    if (known) known.push(path);
    else paths.set(colour, [path]);
  }
  return [...paths].map(([colour, parts]) => ({ colour, path: parts.join('') }));
}
