import type { ClusterView, NodeView, RingChangeView, RingsView } from '../../../backend/contracts/admin-api.ts';
import { conditionOf, type NodeCondition, type NodeTrouble } from '../../../backend/contracts/node-condition.ts';
import type { Sentence } from '../../../backend/contracts/spoken.ts';
import { freeWithinCapacity } from '../../../backend/contracts/free-space.ts';
import { failedBeside, unhealedOf, type Unhealed } from '../../../backend/contracts/unhealed.ts';

/** What an admin should look at, worst first. Pure; the texts are under `attention.KIND`. */
export interface AttentionItem {
  readonly kind:
    | NodeTrouble
    | 'ringsFailed'
    | 'unreadable'
    | 'notRestored'
    | 'passedOver'
    | 'createRings'
    | 'notInRings'
    | 'removedInRings'
    | 'space'
    | 'drift'
    | 'oneZone';
  readonly tone: 'bad' | 'warn' | 'info';
  readonly values: Readonly<Record<string, string | number>>;
  /** Why it is taken to be in its state; a value of the text once it is said in the language of the page. */
  readonly evidence?: Sentence;
  /** The view where something can be done about it. */
  readonly view: 'cloudServices' | 'rings';
  /** The one Cloud Service that it is about. */
  readonly node?: string;
}

export interface AttentionInput {
  readonly cluster: ClusterView;
  /** All of the list, removed ones as well: the rings may still name them. */
  readonly nodes: readonly NodeView[];
  readonly rings: RingsView | null;
  readonly change: RingChangeView | null;
}

const leastFreeShare = 0.1;
const driftFactor = 2;
/** More than this are summed up by the last one. */
const mostNamed = 3;

export function attentionOf({ cluster, nodes: all, rings, change }: AttentionInput): AttentionItem[] {
  const nodes = all.filter(({ state }) => state !== 'removed');
  const items: AttentionItem[] = [];
  const inCondition = (condition: NodeCondition): NodeView[] => nodes.filter((node) => conditionOf(node) === condition);
  for (const kind of ['down', 'refusing', 'unheard'] as const)
    for (const node of inCondition(kind)) items.push(aboutNode(kind, 'bad', node));
  if (change?.failure) items.push(aboutFailure(change.failure));
  const healers = [...inCondition('healthy'), ...inCondition('draining')];
  items.push(...aboutHealing('unreadable', 'bad', healers, ({ unreadable }) => unreadable));
  for (const node of inCondition('suspect')) items.push(aboutNode('suspect', 'warn', node));
  items.push(...aboutHealing('notRestored', 'warn', healers, failedBeside));
  items.push(...aboutHealing('passedOver', 'warn', healers, ({ passedOver }) => passedOver.length));
  const removed = all.filter((node) => node.state === 'removed' && node.inRings);
  if (removed.length > 0) items.push({ kind: 'removedInRings', tone: 'warn', values: { names: named(removed) }, view: 'rings' });
  const full = nodes.filter(isAlmostFull);
  if (full.length > 0) items.push({ kind: 'space', tone: 'warn', values: { names: named(full) }, view: 'cloudServices' });
  if (rings?.readiness.state === 'ready') items.push({ kind: 'createRings', tone: 'info', values: {}, view: 'rings' });
  const waiting = cluster.epoch > 0 ? inCondition('healthy').filter((node) => !node.inRings) : [];
  if (waiting.length > 0) items.push({ kind: 'notInRings', tone: 'info', values: { names: named(waiting) }, view: 'rings' });
  const drifting = nodes.filter(isSlow);
  if (drifting.length > 0) items.push({ kind: 'drift', tone: 'info', values: { names: named(drifting) }, view: 'cloudServices' });
  if (nodes.length >= 3 && new Set(nodes.map((node) => node.parameters.zone)).size === 1)
    items.push({ kind: 'oneZone', tone: 'warn', values: {}, view: 'cloudServices' });
  return items;
}

function aboutNode(kind: AttentionItem['kind'], tone: AttentionItem['tone'], { name, evidence }: NodeView): AttentionItem {
  return { kind, tone, values: { name }, evidence, view: 'cloudServices', node: name };
}

/** Without a text of its own it is said in English, as it came. */
function aboutFailure({ message, spoken }: NonNullable<RingChangeView['failure']>): AttentionItem {
  const evidence = spoken ?? { sentence: message, sentenceKey: '', sentenceValues: {} };
  return { kind: 'ringsFailed', tone: 'bad', values: {}, evidence, view: 'rings' };
}

/** What these cannot do as healers, summed up; one that does not answer is told of as such, and others lead in its place. */
function aboutHealing(
  kind: AttentionItem['kind'],
  tone: AttentionItem['tone'],
  healers: readonly NodeView[],
  countOf: (unhealed: Unhealed) => number,
): AttentionItem[] {
  const counted = healers.flatMap((node) =>
    node.healing === undefined ? [] : [{ node, count: countOf(unhealedOf(node.healing.healer)) }],
  );
  const troubled = counted.filter(({ count }) => count > 0);
  const [first] = troubled;
  if (first === undefined) return [];
  const values = { names: named(troubled.map(({ node }) => node)), count: troubled.reduce((sum, { count }) => sum + count, 0) };
  return [{ kind, tone, values, view: 'cloudServices', ...(troubled.length === 1 ? { node: first.node.name } : {}) }];
}

/** Free space within what the node declared; null before it has told anything. */
export function freeBytesOf({ parameters, measured }: Pick<NodeView, 'parameters' | 'measured'>): number | null {
  return measured.freeBytes === null ? null : freeWithinCapacity(parameters.capacityBytes, measured.freeBytes, measured.blobBytes);
}

function isAlmostFull(node: NodeView): boolean {
  const free = freeBytesOf(node);
  return free !== null && free < node.parameters.capacityBytes * leastFreeShare;
}

function isSlow({ parameters, measured }: NodeView): boolean {
  const slow = (actual: number | null, declared: number): boolean => actual !== null && actual * driftFactor < declared;
  return (
    slow(measured.readBytesPerSecond, parameters.declaredReadBytesPerSecond) ||
    slow(measured.writeBytesPerSecond, parameters.declaredWriteBytesPerSecond)
  );
}

function named(nodes: readonly NodeView[]): string {
  const names = nodes.slice(0, mostNamed).map((node) => node.name);
  return nodes.length > mostNamed ? `${names.join(', ')} +${nodes.length - mostNamed}` : names.join(', ');
}
