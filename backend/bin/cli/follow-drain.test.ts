import { describe, expect, it } from 'vitest';
import type { DrainView, RemovalCheck } from '../../contracts/drain.ts';
import { CommandError } from './command-error.ts';
import { followDrain, followRemoval } from './follow-drain.ts';

type Answer = DrainView | RemovalCheck | CommandError | null;

const drain = (state: DrainView['state']): DrainView =>
  ({ nodeId: 'a', name: 'n4', state, total: null, left: null, note: null }) as unknown as DrainView;
const removal = (allowed: boolean): RemovalCheck =>
  ({ name: 'n4', allowed, named: { blobs: 1, bytes: 1 }, reasons: ['copies'] }) as unknown as RemovalCheck;

/** An admin API that gives these answers, one after another. */
function answering(...answers: Answer[]): { get: <T>() => Promise<T> } {
  return {
    get: async <T>() => {
      const next = answers.shift();
      if (next instanceof CommandError) throw next;
      return next as T;
    },
  };
}
const timing = (patienceMs: number): Parameters<typeof followDrain>[3] => ({ pollEveryMs: 1, patienceMs });
const follow = (patienceMs: number, ...answers: Answer[]): Promise<DrainView> =>
  followDrain(answering(...answers), drain('copying'), () => undefined, timing(patienceMs));
const away = new CommandError('Unreachable', 'nobody listens there');

describe('waiting for a drain', () => {
  it('ends when the node is drained, also when the Controller was started anew meanwhile', async () => {
    expect(await follow(30_000, drain('copying'), away, away, drain('leaving-rings'), drain('drained'))).toMatchObject({
      state: 'drained',
    });
  });

  it('fails when somebody pauses the drain or takes it back: the node is not drained', async () => {
    await expect(follow(30_000, drain('paused'))).rejects.toMatchObject({
      exitCode: 1,
      message: 'The drain of n4 was paused, so it is not drained. "mcos node drain n4 --resume" goes on, and waits.',
    });
    await expect(follow(30_000, drain('cancelled'))).rejects.toThrow('was cancelled');
  });

  it('fails when the Controller stays away, and with whatever else goes wrong', async () => {
    await expect(follow(-1, away, drain('drained'))).rejects.toThrow('nobody listens there');
    await expect(follow(30_000, new CommandError('NotAuthenticated', 'Log in.'), drain('drained'))).rejects.toThrow('Log in.');
    await expect(follow(30_000, null)).rejects.toThrow('no longer knows the drain of n4');
  });
});

describe('waiting for a removal', () => {
  it('is as patient', async () => {
    const shown: unknown[] = [];
    await followRemoval(answering(removal(false), away, removal(true)), '/x', (line) => shown.push(line), timing(30_000));
    expect(shown).toHaveLength(2);
    await expect(followRemoval(answering(away), '/x', () => undefined, timing(-1))).rejects.toThrow('nobody listens there');
  });
});
