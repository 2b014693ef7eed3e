import { setTimeout as delay } from 'node:timers/promises';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import type { AdminClient } from './admin-client.ts';
import { CommandError } from './command-error.ts';
import { visible } from './format.ts';

const pollEveryMs = 250;

/**
 * Waits until the change is over and shows one line whenever something moved. The Controller
 * drives it: leaving this loop changes nothing. Throws when the change failed or was withdrawn.
 */
export async function followRingChange(admin: AdminClient, started: RingChangeView, show: (line: string) => void): Promise<RingChangeView> {
  let change = started;
  let shown = '';
  for (;;) {
    const line = progressLine(change);
    if (line !== shown) show(line);
    shown = line;
    if (change.phase === 'active') return change;
    if (change.failure !== null) throw new CommandError(change.failure.code, change.failure.message);
    if (change.phase === 'failed' || change.phase === 'withdrawn')
      throw new CommandError('Conflict', `The attempt to make the rings of epoch ${change.epoch} ended: ${change.phase}.`);
    await delay(pollEveryMs);
    const next = await admin.get<RingChangeView | null>('/rings/change');
    if (next === null || next.epoch !== change.epoch)
      throw new CommandError(
        'Conflict',
        `The Controller no longer knows the change to epoch ${change.epoch}; look at "mcos ring show" and "mcos events".`,
      );
    change = next;
  }
}

function progressLine(change: RingChangeView): string {
  const nodes = change.nodes.map((node) => `${node.name} ${node.step}${node.note === null ? '' : ` (${visible(node.note)})`}`);
  return `epoch ${change.epoch}, ${change.phase}: ${nodes.join(', ')}`;
}
