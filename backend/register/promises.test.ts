import { describe, expect, it } from 'vitest';
import type { Ballot } from './ballot.ts';
import { zeroBallot } from './ballot.ts';
import { createPromises } from './promises.ts';

const ballot = (counter: number): Ballot => ({ epoch: 1, counter, nodeId: '00000000000000aa', boot: 1 });
const settled = Promise.resolve(true);

describe('promises in memory', () => {
  it('are the highest of promise, accepted row and floor', () => {
    const promises = createPromises(ballot(5), 10);
    expect(promises.of('a', zeroBallot)).toEqual(ballot(5));
    expect(promises.of('a', ballot(7))).toEqual(ballot(7));
    promises.grant('a', ballot(9));
    expect(promises.of('a', ballot(7))).toEqual(ballot(9));
    promises.grant('a', ballot(8));
    expect(promises.of('a', zeroBallot)).toEqual(ballot(9));
  });

  it('turn into a floor under every key when the oldest is evicted', () => {
    const promises = createPromises(zeroBallot, 2);
    promises.grant('a', ballot(50));
    promises.grant('b', ballot(10));
    promises.grant('c', ballot(11));
    expect(promises.size).toBe(2);
    expect(promises.of('a', zeroBallot)).toEqual(ballot(50));
    expect(promises.of('never seen', zeroBallot)).toEqual(ballot(50));
  });

  it('with an accept under way are not evicted', () => {
    const promises = createPromises(zeroBallot, 1);
    promises.admit('a', ballot(50), settled);
    promises.grant('b', ballot(10));
    expect(promises.has('a')).toBe(true);
    expect(promises.lastCommit('a')).toBe(settled);
    expect(promises.has('b')).toBe(false);
    promises.committed('a', ballot(50));
    expect(promises.has('a')).toBe(false);
    expect(promises.lastCommit('a')).toBeNull();
  });

  it('outlive a commit when a higher one was granted meanwhile', () => {
    const promises = createPromises(zeroBallot, 4);
    promises.admit('a', ballot(5), settled);
    promises.grant('a', ballot(6));
    promises.committed('a', ballot(5));
    expect(promises.of('a', ballot(5))).toEqual(ballot(6));
  });

  it('under way are waited for though a younger one was turned away at once', async () => {
    const promises = createPromises(zeroBallot, 4);
    const durable = Promise.withResolvers<boolean>();
    promises.admit('a', ballot(5), durable.promise);
    promises.admit('a', ballot(7), Promise.resolve(false));
    promises.notCommitted('a');
    const waited = promises.lastCommit('a');
    expect(waited).not.toBeNull();
    let isOver = false;
    void waited?.then(() => (isOver = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isOver).toBe(false);
    durable.resolve(true);
    expect(await waited).toBe(false);
    promises.committed('a', ballot(5));
    expect(promises.lastCommit('a')).toBeNull();
  });
});
