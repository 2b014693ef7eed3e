import { setTimeout as delay } from 'node:timers/promises';
import type { DrainView, RemovalCheck } from '../../contracts/drain.ts';
import type { AdminClient } from './admin-client.ts';
import { askPatiently, patienceMs, type Waiting } from './ask-patiently.ts';
import { CommandError } from './command-error.ts';
import { formatBytes, formatDuration, formatSpeed, formatTime, visible } from './format.ts';
import type { ProgressLine } from './progress-display.ts';

const pollEveryMs = 500;
const removalEveryMs = 2_000;

/**
 * Waits until the node is drained and shows how far it is. The Controller drives it: leaving this loop changes nothing.
 * Throws when it was paused or cancelled: whoever waits goes on to remove the node.
 */
export async function followDrain(
  admin: Pick<AdminClient, 'get'>,
  begun: DrainView,
  show: (line: ProgressLine | null) => void,
  timing: Waiting = { pollEveryMs, patienceMs },
): Promise<DrainView> {
  for (let drain = begun; ;) {
    show(progressLine(drain));
    if (drain.state !== 'copying' && drain.state !== 'leaving-rings') show(null);
    if (drain.state === 'drained') return drain;
    if (drain.state === 'paused')
      throw new CommandError(
        'Conflict',
        `The drain of ${drain.name} was paused, so it is not drained. "mcos node drain ${drain.name} --resume" goes on, and waits.`,
      );
    if (drain.state === 'cancelled') throw new CommandError('Conflict', `The drain of ${drain.name} was cancelled.`);
    await delay(timing.pollEveryMs);
    const next = await askPatiently<DrainView | null>(admin, `/nodes/${drain.nodeId}/drain`, timing);
    if (next === null) throw new CommandError('NotFound', `The Controller no longer knows the drain of ${drain.name}.`);
    drain = next;
  }
}

/** Waits until copies are all that a removal still lacks, and then until they are made; other reasons end it at once. */
export async function followRemoval(
  admin: Pick<AdminClient, 'get'>,
  path: string,
  show: (line: ProgressLine | null) => void,
  timing: Waiting = { pollEveryMs: removalEveryMs, patienceMs },
): Promise<void> {
  let most = 0;
  for (;;) {
    const check = await askPatiently<RemovalCheck>(admin, path, timing);
    const bytes = check.named?.bytes ?? 0;
    most = Math.max(most, bytes);
    if (check.allowed || check.named === null || check.named.blobs === 0 || check.reasons.length > 1) break;
    const text = `${check.name}: ${check.named.blobs} copies with ${formatBytes(bytes)} are still to be made elsewhere`;
    show({ text, done: most === 0 ? 0 : 1 - bytes / most });
    await delay(timing.pollEveryMs);
  }
  show(null);
}

function progressLine(drain: DrainView): ProgressLine {
  const { total, left, state, note } = drain;
  const because = note === null ? '' : `: ${visible(note)}`;
  if (state !== 'copying' || total === null || left === null) return { text: `${drain.name} ${state}${because}` };
  const done = total.bytes === 0 ? 1 : 1 - left.bytes / total.bytes;
  const rest = `${left.blobs} of ${total.blobs} copies, ${formatBytes(left.bytes)} left`;
  return {
    text: `${drain.name} ${state}, ${rest}, ${formatSpeed(drain.bytesPerSecond)}, ${formatDuration(drain.secondsLeft)}${because}`,
    done,
  };
}

/** How far a drain is, or the report at its end. */
export function describeDrain(drain: DrainView | null): string {
  if (drain === null) return 'It has never been drained.';
  const { report, total, left, onlyHere, stored } = drain;
  const copies = (value: DrainView['left'], unknown: string): string =>
    value === null ? unknown : `${value.blobs} copies, ${formatBytes(value.bytes)}`;
  const rows: [string, string][] = [
    ['drain', `${drain.name} is ${drain.state}`],
    ['started', `${formatTime(drain.startedAtMs)} by ${drain.startedBy}`],
    ...(drain.finishedAtMs === null ? [] : ([['ended', formatTime(drain.finishedAtMs)]] as [string, string][])),
    ['at first', copies(total, 'not counted yet')],
    ['left', copies(left, 'not counted yet')],
    ['only here', copies(onlyHere, 'not counted yet')],
    ['on disk', copies(stored, 'it does not answer')],
    ['rings', drain.inRings ? 'in the rings' : 'not in the rings'],
    ...(drain.state === 'copying'
      ? ([['speed', `${formatSpeed(drain.bytesPerSecond)}, about ${formatDuration(drain.secondsLeft)} left`]] as [string, string][])
      : []),
    ...(drain.note === null ? [] : ([['waits', drain.note]] as [string, string][])),
    ...drain.warnings.map((warning): [string, string] => ['warning', warning]),
    ...(report === null
      ? []
      : ([
          [
            'report',
            `${copies(report.copied, '')} are elsewhere since; nothing is only here; the rings of epoch ${report.epoch} are without it; took ${formatDuration(report.seconds)}`,
          ],
          ['next', `"mcos node remove ${drain.name}" takes it off the list`],
        ] as [string, string][])),
  ];
  return rows.map(([label, text]) => `${label.padEnd(12)}${visible(text)}`).join('\n');
}

/** Whether a node may be removed, and why not. */
export function describeRemoval(check: RemovalCheck): string {
  if (check.allowed) return `${check.name} can be removed: nothing depends on it.`;
  return [`${check.name} cannot be removed yet.`, ...check.reasons.map((reason) => `- ${visible(reason)}`)].join('\n');
}
