import type { RingHistoryEntry, RingMoves, RingPlan } from '../../contracts/admin-api.ts';
import { formatBytes, formatDuration, formatTable, formatTime, visible } from './format.ts';

/** A plan as a person reads it. */
export function describePlan(plan: RingPlan): string {
  const later = plan.moves !== undefined;
  const rows = plan.members.map((member) => [
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
    ...plan.leftOut.map((node) => `left out: ${node.name}: ${visible(node.reason)}`),
    ...plan.warnings.map((warning) => `warning: ${visible(warning)}`),
    '',
    `Apply exactly this with "mcos ring create --plan ${plan.digest}".`,
  ].join('\n');
}

function describeMoves(moves: RingMoves): string[] {
  return [
    ...moves.rings.map(
      ({ ring, partitions, replicas, replicasInAll }) =>
        `${ring.padEnd(10)}  ${partitions} partitions get a new node, ${replicas} replicas (${percent(replicas / replicasInAll)}) move`,
    ),
    `records     ${moves.names} are sent, ${formatBytes(moves.recordBytes)} and ${formatBytes(moves.inlineBytes)} of small objects inside them; no bytes of larger ones`,
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
