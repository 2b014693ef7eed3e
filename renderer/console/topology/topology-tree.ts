import { linkHorizontal } from 'd3-shape';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';

/** Cloud Services as a tree: provider, region, zone, service. Pure; lengths in pixels. */

export interface TreeLabel {
  readonly level: 0 | 1 | 2;
  readonly name: string;
  /** Middle of the label. */
  readonly y: number;
  readonly count: number;
}

export interface TopologyTree {
  readonly labels: readonly TreeLabel[];
  readonly rows: readonly { readonly node: NodeView; readonly y: number }[];
  readonly links: readonly {
    readonly key: string;
    readonly path: string;
    readonly zone: string;
    readonly fromY: number;
    readonly toY: number;
  }[];
  readonly height: number;
}

export const rowHeight = 48;
const groupGap = 16;
const labelGap = 8;
const levels = [
  (node: NodeView): string => node.parameters.provider,
  (node: NodeView): string => node.parameters.region,
  (node: NodeView): string => node.parameters.zone,
] as const;

interface Group {
  readonly path: string;
  readonly name: string;
  readonly level: 0 | 1 | 2;
  readonly first: number;
  last: number;
  count: number;
  readonly zone: string;
}

/** `columns`: where each level's labels end and the next one's begin, left to right; the last is where services begin. */
export function topologyTree(
  nodes: readonly NodeView[],
  columns: readonly { readonly left: number; readonly right: number }[],
): TopologyTree {
  const ordered = [...nodes].sort(
    (left, right) =>
      levels.map((name) => name(left).localeCompare(name(right))).find((order) => order !== 0) ??
      left.name.localeCompare(right.name, undefined, { numeric: true }),
  );
  const rows: { node: NodeView; y: number }[] = [];
  const groups = new Map<string, Group>();
  let y = rowHeight / 2;
  let lastZone = '';
  for (const node of ordered) {
    const paths = levels.map((_, level) => JSON.stringify(levels.slice(0, level + 1).map((name) => name(node))));
    const zonePath = paths[2] ?? '';
    if (rows.length > 0) y += rowHeight + (zonePath === lastZone ? 0 : groupGap);
    lastZone = zonePath;
    rows.push({ node, y });
    for (const [level, path] of paths.entries()) {
      const known = groups.get(path);
      if (known) {
        known.last = y;
        known.count++;
      } else
        groups.set(path, {
          path,
          name: levels[level]?.(node) ?? '',
          level: level as 0 | 1 | 2,
          first: y,
          last: y,
          count: 1,
          zone: node.parameters.zone,
        });
    }
  }
  const middle = (group: Group): number => (group.first + group.last) / 2;
  const line = linkHorizontal<unknown, [number, number]>();
  const link = (key: string, zone: string, level: number, from: number, to: number): TopologyTree['links'][number] => ({
    key,
    zone,
    fromY: from,
    toY: to,
    // From behind the label, so that the line is seen where the text ends.
    path: `M${columns[level]?.left ?? 0},${from}H${columns[level]?.right ?? 0}${line({ source: [columns[level]?.right ?? 0, from], target: [(columns[level + 1]?.left ?? 0) - labelGap, to] }) ?? ''}`,
  });
  const parentOf = (group: Group): Group | undefined => groups.get(JSON.stringify((JSON.parse(group.path) as string[]).slice(0, -1)));
  const links = [...groups.values()].flatMap((group) => {
    const parent = parentOf(group);
    return parent ? [link(group.path, group.zone, parent.level, middle(parent), middle(group))] : [];
  });
  for (const { node, y: to } of rows) {
    const zone = groups.get(JSON.stringify(levels.map((name) => name(node))));
    if (zone) links.push(link(node.id, node.parameters.zone, 2, middle(zone), to));
  }
  return {
    rows,
    links,
    labels: [...groups.values()].map((group) => ({ level: group.level, name: group.name, y: middle(group), count: group.count })),
    height: y + rowHeight / 2,
  };
}
