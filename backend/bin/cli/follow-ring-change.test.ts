import { describe, expect, it } from 'vitest';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import { CommandError } from './command-error.ts';
import { followRingChange } from './follow-ring-change.ts';

const change = (phase: RingChangeView['phase'], epoch = 2): RingChangeView =>
  ({ epoch, digest: 'd', phase, nodes: [], failure: null }) as unknown as RingChangeView;

/** An admin API that gives these answers, one after another. */
function answering(...answers: (RingChangeView | CommandError | null)[]): { get: <T>() => Promise<T> } {
  return {
    get: async <T>() => {
      const next = answers.shift();
      if (next instanceof CommandError) throw next;
      return next as T;
    },
  };
}
const follow = (patienceMs: number, ...answers: (RingChangeView | CommandError | null)[]): Promise<RingChangeView> =>
  followRingChange(answering(...answers), change('confirm'), () => undefined, { pollEveryMs: 1, patienceMs });
const busy = new CommandError('Unreachable', 'no answer in time');

describe('waiting for rings', () => {
  it('ends with the rings that are active, whatever the Controller was too busy to answer meanwhile', async () => {
    expect(await follow(30_000, change('joint'), busy, busy, change('active'))).toMatchObject({ phase: 'active' });
  });

  it('ends when the Controller stays away, and with whatever else goes wrong', async () => {
    await expect(follow(-1, busy, change('active'))).rejects.toThrow('no answer in time');
    await expect(follow(30_000, new CommandError('NotAuthenticated', 'Log in.'), change('active'))).rejects.toThrow('Log in.');
    await expect(follow(30_000, null)).rejects.toThrow('no longer knows the change to epoch 2');
    await expect(follow(30_000, change('active', 3))).rejects.toThrow('no longer knows');
    await expect(follow(30_000, change('withdrawn'))).rejects.toThrow('ended: withdrawn');
  });
});
