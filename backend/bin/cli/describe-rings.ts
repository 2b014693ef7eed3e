import type { RingHistoryEntry, RingMoves, RingPlan, RingsView } from '../../contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../contracts/cluster-messages.ts';
import { formatBytes, formatCount, formatDuration, formatTable, formatTime, visible } from './format.ts';

/** The active rings and the share of each Cloud Service, as a person reads them. */
export function describeRings(view: RingsView): string {
  if (view.digest === null) return `The rings have not been made yet. ${visible(view.readiness.sentence)}`;
  const head = [
    `epoch       ${view.epoch} (${view.phase ?? 'active'})`,
    `digest      ${view.digest}`,
    `partitions  ${view.partitionPower === null ? '-' : 2 ** view.partitionPower}, ${view.replicas ?? '-'} replicas`,
    `created     ${formatTime(view.createdAtMs)}`,
  ].join('\n');
  const tables = view.rings.map(({ ring, shares }) => {
    const rows = byName(shares).map((share) => [share.name, share.zone, share.weight, share.partitions, percent(share.share), share.peers]);
    return `${ring} ring\n${formatTable(['NODE', 'ZONE', 'WEIGHT', 'PARTITIONS', 'SHARE', 'PEERS'], rows)}`;
  });
  return [head, ...tables].join('\n\n');
}

/** What one Cloud Service computed itself. */
export function describeNodeRings(answer: RingsShowAnswer): string {
  if (answer.digest === null) return 'This Cloud Service has no rings yet.';
  const rows = byName(answer.shares).map((share) => [share.name, share.zone, share.account, share.container, share.object]);
  return [
    `epoch       ${answer.epoch} (${answer.phase ?? 'active'})`,
    `digest      ${answer.digest}`,
    '',
    formatTable(['NODE', 'ZONE', 'ACCOUNT', 'CONTAINER', 'OBJECT'], rows),
  ].join('\n');
}

/** A plan as a person reads it. */
export function describePlan(plan: RingPlan): string {
  const later = plan.moves !== undefined;
  const rows = byName(plan.members).map((member) => [
    member.name,
    member.zone,
    member.weight,
    ...(later ? [percent(member.shareBefore ?? 0)] : []),
    percent(member.share),
  ]);
  return [
    `epoch       ${plan.epoch}`,
    `digest      ${plan.digest}`,
    `partitions  ${2 ** plan.partitionPower}, ${plan.replicas} replicas`,
    ...(plan.changes === undefined ? [] : [`changes     ${describeChanges(plan.changes)}`]),
    ...(plan.moves === undefined ? [] : describeMoves(plan.moves)),
    '',
    formatTable(['NODE', 'ZONE', 'WEIGHT', ...(later ? ['BEFORE'] : []), 'SHARE'], rows),
    ...describeLeftOut(plan.leftOut),
    ...plan.warnings.map(({ sentence }) => `warning: ${visible(sentence)}`),
    '',
    `Apply exactly this with "mcos ring create --plan ${plan.digest}".`,
  ].join('\n');
}

/** One line for each reason. */
function describeLeftOut(leftOut: RingPlan['leftOut']): string[] {
  return [...Map.groupBy(leftOut, ({ reason }) => reason)].map(
    ([reason, nodes]) => `left out: ${nodes.map(({ name }) => name).join(', ')}: ${visible(reason)}`,
  );
}

function describeMoves(moves: RingMoves): string[] {
  return [
    ...moves.rings.map(
      ({ ring, partitions, replicas, replicasInAll }) =>
        `${ring.padEnd(10)}  ${formatCount(partitions, 'partition gets', 'partitions get')} a new node, ${formatCount(replicas, 'replica')} (${percent(replicas / replicasInAll)}) ${replicas === 1 ? 'moves' : 'move'}`,
    ),
    `records     ${formatCount(moves.names, 'is sent', 'are sent')}, ${formatBytes(moves.recordBytes)} and ${formatBytes(moves.inlineBytes)} of small objects inside them; no bytes of larger ones`,
    `time        about ${formatDuration(moves.estimatedSeconds)}`,
    ...(moves.notCounted.length === 0 ? [] : [`not counted ${moves.notCounted.join(', ')}: did not answer; others hold the same records`]),
  ];
}

function describeChanges({ added, removed, reweighted }: NonNullable<RingPlan['changes']>): string {
  const parts = [
    ...added.map(({ name, weight }) => `+${name} (${weight})`),
    ...removed.map(({ name }) => `-${name}`),
    ...reweighted.map(({ name, before, after }) => `${name} ${before} -> ${after}`),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

/** The changes of the rings, the newest first. */
export function describeHistory(entries: readonly RingHistoryEntry[]): string {
  if (entries.length === 0) return 'The rings have not been made yet.';
  const rows = entries.map((entry) => [
    entry.epoch,
    formatTime(entry.startedAtMs),
    entry.startedBy,
    entry.outcome,
    entry.finishedAtMs === null ? '-' : formatDuration((entry.finishedAtMs - entry.startedAtMs) / 1000),
    entry.namesCarried,
    entry.digest.slice(0, 12),
    describeChanges(entry),
    visible(entry.failure ?? ''),
  ]);
  return formatTable(['EPOCH', 'STARTED', 'BY', 'OUTCOME', 'TOOK', 'NAMES', 'DIGEST', 'CHANGES', ''], rows);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

const names = new Intl.Collator('en', { numeric: true });

/** Rings number their members by id, which tells a person nothing; `n2` comes before `n10`. */
function byName<T extends { readonly name: string }>(members: readonly T[]): T[] {
  return [...members].sort((left, right) => names.compare(left.name, right.name));
}
