import { describe, expect, it } from 'vitest';
import type { Clock } from '../base/clock.ts';
import { gather, hurry, linger, majorityOfEach } from './gather.ts';

function manualClock(): Clock & { ring(): void; waiting(): number; delays(): number[] } {
  let tasks: { readonly delayMs: number; readonly run: () => void }[] = [];
  return {
    nowMs: () => 0,
    monotonicMs: () => 0,
    schedule: (delayMs, run) => {
      const task = { delayMs, run };
      tasks.push(task);
      return { cancel: () => (tasks = tasks.filter((other) => other !== task)) };
    },
    ring: () => {
      for (const { run } of tasks.splice(0)) run();
    },
    waiting: () => tasks.length,
    delays: () => tasks.map(({ delayMs }) => delayMs),
  };
}

describe('gather', () => {
  const never = new Promise<number>(() => undefined);

  it('ends as soon as the answers suffice, without those that are still out', async () => {
    const answers: Record<string, number | Promise<number>> = { a: 1, b: Promise.resolve(2), c: never };
    const result = await gather(
      manualClock(),
      ['a', 'b', 'c'],
      10,
      (node) => answers[node] as number | Promise<number>,
      (replies) => (replies.size === 2 ? [...replies.keys()] : undefined),
    );
    expect(result).toEqual(['a', 'b']);
  });

  it('takes what is there after the grace time once it was told to hurry', async () => {
    const clock = manualClock();
    const pending = gather(
      clock,
      ['a', 'b'],
      10,
      (node) => (node === 'a' ? 1 : never),
      (replies, final) => (final ? replies.size : hurry),
    );
    expect(clock.waiting()).toBe(1);
    clock.ring();
    expect(await pending).toBe(1);
  });

  it('waits longer where more would help, and hurries as soon as it would not', async () => {
    const clock = manualClock();
    let answerB = (_: number): void => undefined;
    const b = new Promise<number>((resolve) => (answerB = resolve));
    const pending = gather(
      clock,
      ['a', 'b', 'c'],
      10,
      (node) => (node === 'a' ? 1 : node === 'b' ? b : never),
      (replies, final) => (final ? replies.size : replies.size === 1 ? linger : hurry),
    );
    expect(clock.delays()).toEqual([100]);
    answerB(2);
    await b;
    expect(clock.delays()).toEqual([100, 10]);
    clock.ring();
    expect(await pending).toBe(2);
  });

  it('leaves no timer behind', async () => {
    const clock = manualClock();
    let answerB = (_: number): void => undefined;
    const b = new Promise<number>((resolve) => (answerB = resolve));
    const pending = gather(
      clock,
      ['a', 'b'],
      10,
      (node) => (node === 'a' ? 1 : b),
      (replies, final) => (final ? replies.size : hurry),
    );
    answerB(2);
    expect(await pending).toBe(2);
    expect(clock.waiting()).toBe(0);
  });

  it('rejects with the defect of whoever looks', async () => {
    await expect(
      gather(
        manualClock(),
        ['a'],
        10,
        () => 1,
        () => {
          throw new Error('a defect');
        },
      ),
    ).rejects.toThrow('a defect');
  });
});

describe('a majority of each group', () => {
  it('is more than half of every one, and never of none', () => {
    const alive = (names: string) => (node: string) => names.includes(node);
    expect(majorityOfEach([['a', 'b', 'c']], alive('ab'))).toBe(true);
    expect(majorityOfEach([['a', 'b', 'c']], alive('a'))).toBe(false);
    expect(majorityOfEach([['a', 'b', 'c', 'd']], alive('ab'))).toBe(false);
    expect(
      majorityOfEach(
        [
          ['a', 'b', 'c'],
          ['c', 'd', 'e'],
        ],
        alive('abc'),
      ),
    ).toBe(false);
    expect(
      majorityOfEach(
        [
          ['a', 'b', 'c'],
          ['c', 'd', 'e'],
        ],
        alive('acd'),
      ),
    ).toBe(true);
    expect(majorityOfEach([], () => true)).toBe(false);
  });
});
