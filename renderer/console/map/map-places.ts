import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { conditionOf, type NodeCondition } from '../../../backend/contracts/node-condition.ts';

/** Cloud Services on the map: those at one place stand together. Pure. */
export interface MapPlace {
  readonly key: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly nodes: readonly NodeView[];
}

/** Tenths of a degree: about eleven kilometres. */
const grid = 10;
const badness: readonly NodeCondition[] = ['down', 'refusing', 'unheard', 'suspect', 'draining', 'joining', 'healthy', 'removed'];

export function mapPlaces(nodes: readonly NodeView[]): { places: readonly MapPlace[]; without: readonly NodeView[] } {
  const groups = new Map<string, NodeView[]>();
  const without: NodeView[] = [];
  for (const node of nodes) {
    const { latitude, longitude } = node.parameters;
    if (latitude === undefined || longitude === undefined) {
      without.push(node);
      continue;
    }
    const key = `${Math.round(latitude * grid)} ${Math.round(longitude * grid)}`;
    const known = groups.get(key);
    if (known) known.push(node);
    else groups.set(key, [node]);
  }
  const places = [...groups].map(([key, members]): MapPlace => ({
    key,
    latitude: members.reduce((sum, node) => sum + (node.parameters.latitude ?? 0), 0) / members.length,
    longitude: members.reduce((sum, node) => sum + (node.parameters.longitude ?? 0), 0) / members.length,
    nodes: members,
  }));
  return { places, without };
}

export function worstOf(nodes: readonly NodeView[]): NodeCondition {
  const conditions = new Set(nodes.map(conditionOf));
  return badness.find((condition) => conditions.has(condition)) ?? 'healthy';
}

/** Places of `count` marks around a middle, as the seeds of a sunflower lie: near, and none on another. */
export function sunflower(count: number, distance: number): { x: number; y: number }[] {
  if (count === 1) return [{ x: 0, y: 0 }];
  const golden = Math.PI * (3 - Math.sqrt(5));
  return Array.from({ length: count }, (_, index) => {
    const radius = distance * Math.sqrt(index + 0.6);
    return { x: radius * Math.cos(index * golden), y: radius * Math.sin(index * golden) };
  });
}
