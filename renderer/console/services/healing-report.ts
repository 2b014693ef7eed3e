import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import type { HealerStatus, HealingStatus } from '../../../backend/contracts/healing.ts';
import { conditionOf } from '../../../backend/contracts/node-condition.ts';
import { failedBeside, unhealedOf } from '../../../backend/contracts/unhealed.ts';

export interface HealingFormats {
  count(count: number): string;
  bytes(bytes: number): string;
  time(atMs: number): string;
}

/** A text under `node.healing`; `count` decides between singular and plural. */
export interface HealingLine {
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
  readonly count: number;
}

/**
 * How the copies that a Cloud Service looks after stand, line by line. That none is missing is said only after a whole walk
 * that found it so, of a node that answers. Pure.
 */
export function healingReport(node: NodeView, { healer, paused }: HealingStatus, format: HealingFormats): HealingLine[] {
  const line = (key: string, values: HealingLine['values'] = {}, count = 1): HealingLine => ({ key, values, count });
  const { lastAnswerAtMs } = node.evidence;
  switch (conditionOf(node)) {
    case 'down':
    case 'suspect':
    case 'unheard':
    case 'removed':
      return [line('silent', { time: lastAnswerAtMs === null ? '–' : format.time(lastAnswerAtMs) })];
    case 'refusing':
      return [line('refusing')];
    default:
  }
  const unhealed = unhealedOf(healer);
  const failed = failedBeside(unhealed);
  const troubles = [
    ...(unhealed.unreadable > 0 ? [line('unreadable', { count: format.count(unhealed.unreadable) }, unhealed.unreadable)] : []),
    ...(failed > 0 ? [line('failed', { count: format.count(failed) }, failed)] : []),
    ...unhealed.passedOver.map((one) => line('passedOver', { ...one })),
  ];
  const walk = paused ? [line('paused')] : walkLines(healer, format, line, troubles.length === 0);
  return [...walk, ...troubles];
}

function walkLines(
  healer: HealerStatus,
  format: HealingFormats,
  line: (key: string, values?: HealingLine['values'], count?: number) => HealingLine,
  isWell: boolean,
): HealingLine[] {
  const { state, partitions, partitionsDone, copiesMissing, copiesRestored, bytesRestored, lastEndedAtMs } = healer;
  const restored = format.count(copiesRestored);
  const size = format.bytes(bytesRestored);
  const missing = line('missing', { missing: format.count(copiesMissing), restored, size }, copiesMissing);
  const far = { done: format.count(partitionsDone), total: format.count(partitions) };
  if (state === 'running') return [line('running', far), ...(copiesMissing > 0 ? [missing] : [])];
  if (lastEndedAtMs === null) return [line('never')];
  const time = format.time(lastEndedAtMs);
  if (copiesRestored < copiesMissing) return [missing];
  if (partitionsDone < partitions) return [line('interrupted', { ...far, time })];
  if (copiesRestored > 0 && !isWell) return [missing];
  if (copiesRestored > 0) return [line('restored', { count: restored, size, time }, copiesRestored)];
  return isWell ? [line('complete', { time })] : [];
}
