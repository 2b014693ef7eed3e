import { linkHorizontal } from 'd3-shape';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';

/** Cloud Services as a tree: provider, region, zone, service. Pure; lengths in pixels. */

/** What of a Cloud Service decides where it stands. */
export type TreeNode = Pick<NodeView, 'id' | 'name'> & {
  readonly parameters: Pick<NodeView['parameters'], 'provider' | 'region' | 'zone'>;
};

export interface TreeLabel {
  readonly level: 0 | 1 | 2;
  readonly name: string;
  /** Middle of the label. */
  readonly y: number;
  readonly count: number;
}

export interface TopologyTree {
  readonly labels: readonly TreeLabel[];
  readonly rows: readonly { readonly id: string; readonly name: string; readonly y: number }[];
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
  (node: TreeNode): string => node.parameters.provider,
  (node: TreeNode): string => node.parameters.region,
  (node: TreeNode): string => node.parameters.zone,
] as const;
const words = new Intl.Collator();
const numbered = new Intl.Collator(undefined, { numeric: true });

/** Whether a tree of the one would look like a tree of the other: figures move all the time, places hardly ever. */
export function standAlike(left: readonly TreeNode[], right: readonly TreeNode[]): boolean {
  return (
    left.length === right.length &&
    left.every((node, index) => {
      const other = right[index];
      return other !== undefined && node.id === other.id && node.name === other.name && levels.every((name) => name(node) === name(other));
    })
  );
}

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
  nodes: readonly TreeNode[],
  columns: readonly { readonly left: number; readonly right: number }[],
): TopologyTree {
  const ordered = [...nodes].sort(
    (left, right) =>
      levels.map((name) => words.compare(name(left), name(right))).find((order) => order !== 0) ?? numbered.compare(left.name, right.name),
  );
  const rows: { id: string; name: string; y: number; zonePath: string; zone: string }[] = [];
  const groups = new Map<string, Group>();
  let y = rowHeight / 2;
  let lastZone = '';
  for (const node of ordered) {
    const paths = levels.map((_, level) => JSON.stringify(levels.slice(0, level + 1).map((name) => name(node))));
    const zonePath = paths[2] ?? '';
    if (rows.length > 0) y += rowHeight + (zonePath === lastZone ? 0 : groupGap);
    lastZone = zonePath;
    rows.push({ id: node.id, name: node.name, y, zonePath, zone: node.parameters.zone });
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
  for (const { id, zonePath, zone, y: to } of rows) {
    const group = groups.get(zonePath);
    if (group) links.push(link(id, zone, 2, middle(group), to));
  }
  return {
    rows: rows.map((row) => ({ id: row.id, name: row.name, y: row.y })),
    links,
    labels: [...groups.values()].map((group) => ({ level: group.level, name: group.name, y: middle(group), count: group.count })),
    height: y + rowHeight / 2,
  };
}
