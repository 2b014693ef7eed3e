import { describe, expect, it } from 'vitest';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { BucketView, HeldName } from '../../contracts/cluster-messages.ts';
import { failure } from '../../contracts/errors.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createBucketNames } from './bucket-names.ts';

const photos = { name: 'photos', id: 'b1' } as BucketView;
const object = (bucketId: string, bucket?: string): HeldName => ({
  ring: 'object',
  kind: 'object',
  name: `${bucket ?? bucketId}/a/k`,
  bucketId,
  key: 'a/k',
  partition: 1,
  version: 1,
  deleted: false,
  ...(bucket === undefined ? {} : { bucket }),
});

function setUp() {
  const clock = createManualClock();
  const asked = { times: 0, answer: success([photos]) as Outcome<BucketView[]> };
  const names = createBucketNames({
    clock,
    accounts: {
      listBuckets: async () => {
        asked.times += 1;
        return asked.answer;
      },
    },
  });
  return { clock, asked, names };
}

describe('names of buckets in what a node holds', () => {
  it('are filled in where the node does not know them, and asked for only then', async () => {
    const { asked, names } = setUp();
    expect(await names.complete([object('b9', 'known')])).toEqual([object('b9', 'known')]);
    expect(asked.times).toBe(0);
    expect((await names.complete([object('b1')])).map(({ name, bucket }) => [name, bucket])).toEqual([['photos/a/k', 'photos']]);
    await names.complete([object('b1'), object('b1')]);
    expect(asked.times).toBe(1);
  });

  it('are asked for at most once in ten seconds, by one question at a time', async () => {
    const { clock, asked, names } = setUp();
    const gone = [object('of-a-bucket-that-is-gone')];
    await Promise.all([names.complete(gone), names.complete(gone)]);
    expect(await names.complete(gone)).toEqual(gone);
    expect(asked.times).toBe(1);
    await clock.advance(10_000);
    await names.complete(gone);
    expect(asked.times).toBe(2);
  });

  it('cost nothing but themselves when nobody can list the buckets', async () => {
    const { asked, names } = setUp();
    asked.answer = failed(failure('NotReady', 'no'));
    expect(await names.complete([object('b1')])).toEqual([object('b1')]);
  });

  it('are those of the bucket that is there now, not of one that was', async () => {
    const { clock, asked, names } = setUp();
    expect(await names.byId('photos/')).toBe('b1/');
    asked.answer = success([{ ...photos, id: 'b2' }]);
    await clock.advance(10_000);
    expect(await names.byId('photos/')).toBe('b2/');
  });

  it('are what a search begins with, whether the node knows them or not', async () => {
    const { names } = setUp();
    expect(await names.byId('photos/2025/')).toBe('b1/2025/');
    expect(await names.byId('photo/2025/')).toBeUndefined();
    expect(await names.byId('photos')).toBeUndefined();
  });
});
