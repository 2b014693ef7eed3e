import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { CopiesNamedAnswer } from '../../contracts/drain.ts';
import { failure } from '../../contracts/errors.ts';
import type { Ring } from '../../ring/ring.ts';
import { collectNamed, holdsMajorities } from './named-copies.ts';

/** Four nodes, four partitions of three replicas, each without one of them. */
const ring: Ring = {
  partitionPower: 2,
  replicas: 3,
  nodes: ['a', 'b', 'c', 'd'].map((id) => ({ id, zone: id, weight: 1 })),
  assignment: Uint16Array.from([0, 1, 2, 1, 2, 3, 2, 3, 0, 3, 0, 1]),
};
const none = { blobs: 0, bytes: 0 };
const free: CopiesNamedAnswer = { epoch: 3, membershipVersion: 7, held: none, led: none, onlyThere: none, unreadableLists: 0 };

function collect(answers: Record<string, Outcome<CopiesNamedAnswer>>): ReturnType<typeof collectNamed> {
  const silent = failed(failure('Unreachable', 'silent'));
  return collectNamed({ nodeId: 'd', ring, epoch: 3, membershipVersion: 7, ask: (id) => Promise.resolve(answers[id] ?? silent) });
}

describe('what the cluster says of the copies on one node', () => {
  it('is settled when a majority of the replicas of every partition holds nothing that names it', async () => {
    const own = { stored: none, takesCopies: false };
    const all = await collect({ a: success(free), b: success(free), c: success(free), d: success({ ...free, own }) });
    expect(all).toEqual({ named: none, onlyThere: none, settled: true, silent: [], unreadableLists: 0, own });
    expect(await collect({ a: success(free), b: success(free), c: success(free) })).toMatchObject({
      settled: true,
      silent: ['d'],
      own: null,
    });
    expect(await collect({ a: success(free), b: success(free) })).toMatchObject({ settled: false, silent: ['c', 'd'] });
  });

  it('is not settled by whoever does not know the list or the rings yet, or cannot read all of it', async () => {
    const others = { a: success(free), b: success(free) };
    for (const odd of [{ membershipVersion: 6 }, { epoch: 2 }, { unreadableLists: 1 }, { held: { blobs: 1, bytes: 5 } }])
      expect(await collect({ ...others, c: success({ ...free, ...odd }) })).toMatchObject({ settled: false });
  });

  it('adds up what the leaders of the partitions count', async () => {
    const some = { ...free, held: { blobs: 9, bytes: 90 }, led: { blobs: 3, bytes: 30 }, onlyThere: { blobs: 1, bytes: 10 } };
    expect(await collect({ a: success(some), b: success(some), c: success(free), d: success(free) })).toMatchObject({
      named: { blobs: 6, bytes: 60 },
      onlyThere: { blobs: 2, bytes: 20 },
      settled: false,
    });
  });

  it('agrees with counting the replicas one by one', () => {
    const assignment = fc.array(fc.uniqueArray(fc.integer({ min: 0, max: 5 }), { minLength: 3, maxLength: 3 }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(assignment, fc.subarray(['n0', 'n1', 'n2', 'n3', 'n4', 'n5']), (partitions, ids) => {
        const nodes = Array.from({ length: 6 }, (_, index) => ({ id: `n${index}`, zone: 'z', weight: 1 }));
        const drawn: Ring = { ...ring, partitionPower: 3, nodes, assignment: Uint16Array.from(partitions.flat()) };
        const expected = partitions.every((replicas) => replicas.filter((index) => ids.includes(`n${index}`)).length >= 2);
        expect(holdsMajorities(drawn, new Set(ids))).toBe(expected);
      }),
    );
  });
});
