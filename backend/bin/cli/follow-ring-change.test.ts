import { describe, expect, it } from 'vitest';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import { CommandError } from './command-error.ts';
import { followRingChange } from './follow-ring-change.ts';

const change = (phase: RingChangeView['phase'], epoch = 2, digest = 'd', attempt = 1): RingChangeView =>
  ({ epoch, attempt, digest, phase, nodes: [], failure: null }) as unknown as RingChangeView;

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

  it('takes no other change for the one that was asked for, but the next attempt at the first rings', async () => {
    await expect(follow(30_000, change('sync', 2, 'other'))).rejects.toThrow('was decided otherwise (digest other)');
    await expect(follow(30_000, change('sync', 2, 'other', 2))).rejects.toThrow('was decided otherwise');
    const first = (...answers: RingChangeView[]): Promise<RingChangeView> =>
      followRingChange(answering(...answers), change('confirm', 1), () => undefined, { pollEveryMs: 1, patienceMs: 1 });
    expect(await first(change('confirm', 1, 'without one', 2), change('active', 1, 'without one', 2))).toMatchObject({ attempt: 2 });
    await expect(first(change('active', 1, 'other'))).rejects.toThrow('was decided otherwise');
  });

  it('ends when the Controller stays away, and with whatever else goes wrong', async () => {
    await expect(follow(-1, busy, change('active'))).rejects.toThrow('no answer in time');
    await expect(follow(30_000, new CommandError('NotAuthenticated', 'Log in.'), change('active'))).rejects.toThrow('Log in.');
    await expect(follow(30_000, null)).rejects.toThrow('no longer knows the change to epoch 2');
    await expect(follow(30_000, change('active', 3))).rejects.toThrow('no longer knows');
    await expect(follow(30_000, change('withdrawn'))).rejects.toThrow('ended: withdrawn');
  });
});
