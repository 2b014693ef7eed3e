import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { conditionOf, type NodeCondition } from '../../../backend/contracts/node-condition.ts';
import { freeBytesOf } from '../texts/attention.ts';

/** Columns of the table of Cloud Services: by what each sorts. Pure. */
export type ColumnKey =
  | 'name'
  | 'state'
  | 'zone'
  | 'capacity'
  | 'free'
  | 'read'
  | 'write'
  | 'names'
  | 'blobs'
  | 'roundTrip'
  | 'weight'
  | 'epoch'
  | 'version'
  | 'joined';

export interface NodeColumn {
  readonly key: ColumnKey;
  readonly right: boolean;
  /** Shown unless the person chose otherwise. */
  readonly shown: boolean;
  readonly sortValue: (node: NodeView) => string | number;
}

/** The worst first, because that is what somebody sorts by state for. */
const conditionOrder: readonly NodeCondition[] = ['down', 'refusing', 'unheard', 'suspect', 'joining', 'draining', 'healthy', 'removed'];
const unknown = -1;

export const nodeColumns: readonly NodeColumn[] = [
  { key: 'name', right: false, shown: true, sortValue: (node) => node.name },
  { key: 'state', right: false, shown: true, sortValue: (node) => conditionOrder.indexOf(conditionOf(node)) },
  {
    key: 'zone',
    right: false,
    shown: true,
    sortValue: ({ parameters }) => `${parameters.zone}\n${parameters.provider}\n${parameters.region}`,
  },
  { key: 'capacity', right: true, shown: false, sortValue: (node) => node.parameters.capacityBytes },
  { key: 'free', right: true, shown: true, sortValue: (node) => freeBytesOf(node) ?? unknown },
  { key: 'read', right: true, shown: true, sortValue: (node) => node.measured.readBytesPerSecond ?? unknown },
  { key: 'write', right: true, shown: true, sortValue: (node) => node.measured.writeBytesPerSecond ?? unknown },
  { key: 'names', right: true, shown: true, sortValue: (node) => node.measured.nameCount ?? unknown },
  { key: 'blobs', right: true, shown: false, sortValue: (node) => node.measured.blobCount ?? unknown },
  { key: 'roundTrip', right: true, shown: true, sortValue: (node) => node.evidence.roundTripMs ?? Number.MAX_VALUE },
  { key: 'weight', right: true, shown: true, sortValue: (node) => node.weight },
  { key: 'epoch', right: true, shown: false, sortValue: (node) => node.epoch },
  { key: 'version', right: false, shown: false, sortValue: (node) => node.softwareVersion ?? '' },
  { key: 'joined', right: true, shown: false, sortValue: (node) => node.joinedAtMs },
];

export interface NodeFilter {
  readonly text: string;
  readonly state: NodeCondition | '';
  readonly zone: string;
}

export function matchesFilter(node: NodeView, { text, state, zone }: NodeFilter): boolean {
  if (state !== '' && conditionOf(node) !== state) return false;
  if (zone !== '' && node.parameters.zone !== zone) return false;
  const { name, parameters, addresses, id } = node;
  const places = [name, parameters.zone, parameters.provider, parameters.region, addresses.cluster, id];
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => places.some((place) => place.toLowerCase().includes(word)));
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** Ids in order; equal values by name, so that the order is always the same. */
export function sortedIds(nodes: readonly NodeView[], column: NodeColumn, direction: 'up' | 'down'): string[] {
  const sign = direction === 'up' ? 1 : -1;
  const keyed = nodes.map((node) => ({ id: node.id, name: node.name, value: column.sortValue(node) }));
  return keyed
    .sort((left, right) => {
      const order =
        typeof left.value === 'number' && typeof right.value === 'number'
          ? left.value - right.value
          : collator.compare(String(left.value), String(right.value));
      return sign * order || collator.compare(left.name, right.name);
    })
    .map(({ id }) => id);
}
