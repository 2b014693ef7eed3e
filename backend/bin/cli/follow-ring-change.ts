import { setTimeout as delay } from 'node:timers/promises';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import type { AdminClient } from './admin-client.ts';
import { askPatiently, patienceMs, type Waiting } from './ask-patiently.ts';
import { CommandError } from './command-error.ts';
import { formatCount, visible } from './format.ts';
import type { ProgressLine } from './progress-display.ts';

const pollEveryMs = 250;

/**
 * Waits until the change is over and shows how far it is. The Controller
 * drives it: leaving this loop changes nothing. Throws when the change failed or was withdrawn.
 */
export async function followRingChange(
  admin: Pick<AdminClient, 'get'>,
  started: RingChangeView,
  show: (line: ProgressLine | null) => void,
  timing: Waiting = { pollEveryMs, patienceMs },
): Promise<RingChangeView> {
  let change = started;
  for (;;) {
    show(progressLine(change));
    if (['active', 'failed', 'withdrawn'].includes(change.phase)) show(null);
    if (change.phase === 'active') return change;
    if (change.failure !== null) throw new CommandError(change.failure.code, change.failure.message);
    if (change.phase === 'failed' || change.phase === 'withdrawn')
      throw new CommandError('Conflict', `The attempt to make the rings of epoch ${change.epoch} ended: ${change.phase}.`);
    await delay(timing.pollEveryMs);
    const next = await askPatiently<RingChangeView | null>(admin, '/rings/change', timing);
    if (next === null || next.epoch !== change.epoch)
      throw new CommandError(
        'Conflict',
        `The Controller no longer knows the change to epoch ${change.epoch}; look at "mcos ring show" and "mcos events".`,
      );
    // Another change was decided first; ours is over, and that one is shown in its place. The first rings alone are
    // tried again without whoever was lost on the way: what was asked for is rings of whoever is there.
    const isNextAttempt = next.epoch === 1 && next.attempt > change.attempt;
    if (next.digest !== change.digest && !isNextAttempt)
      throw new CommandError(
        'EpochConflict',
        `Epoch ${next.epoch} was decided otherwise (digest ${next.digest}): another Controller, or an earlier start of this one, had proposed it. That change is carried through; look at the rings and plan again afterwards.`,
      );
    change = next;
  }
}

function progressLine(change: RingChangeView): ProgressLine {
  const nodes = change.nodes.map((node) => `${node.name} ${node.step}${node.note === null ? '' : ` (${visible(node.note)})`}`);
  const { progress } = change;
  const text = `epoch ${change.epoch}, ${change.phase}: ${nodes.join(', ')}`;
  if (progress === undefined || progress.partitions === 0) return { text };
  const carried = `${progress.carried} of ${progress.partitions} partitions, ${formatCount(progress.namesCarried, 'name')}`;
  // Half of the way is making sure that nobody works by the old rings alone.
  return {
    text: `epoch ${change.epoch}, ${change.phase}, ${carried}`,
    done: (progress.joint + progress.carried) / (2 * progress.partitions),
  };
}
