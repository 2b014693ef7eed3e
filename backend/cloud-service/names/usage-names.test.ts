import { describe, expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import { defaultPlacementPolicy, type BucketRecord } from '../../contracts/names.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createRegisterCluster } from '../testing/register-cluster.ts';
import type { UsageNames } from './names.ts';
import { createUsageNames } from './usage-names.ts';

async function usageNames(wrap: (registers: RegisterClient) => RegisterClient = (registers) => registers): Promise<UsageNames> {
  const { nodes } = await createRegisterCluster(3);
  const registers = wrap(nodes[0]?.registers as RegisterClient);
  const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
  return createUsageNames({ clock: createSystemClock(), random: createSystemRandom(), logger: silentLogger, registers, hasher });
}

function bucketWith(id: string, quotaBytes = 1_000): BucketRecord {
  return {
    format: 1,
    kind: 'bucket',
    id: id.repeat(32),
    name: 'photos',
    ownerId: 'o',
    ownerName: 'anna',
    state: 'open',
    generation: 1,
    shards: 8,
    policy: defaultPlacementPolicy,
    quotaBytes,
    createdAtMs: 0,
  };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
}

describe('what waits for a quota', () => {
  it('is answered, whenever after the end of the run before it comes', async () => {
    const bucket = bucketWith('a');
    for (let gap = 0; gap < 12; gap++) {
      let late: Promise<unknown> | null = null;
      const usage = await usageNames((registers) => ({
        ...registers,
        change: async (...asked) => {
          const changed = await registers.change(...asked);
          if (late === null) late = turns(gap).then(() => usage.take(bucket, 1));
          return changed;
        },
      }));
      unwrap(await usage.take(bucket, 1));
      await late;
      expect(unwrap(await usage.usedBytes('bucket', bucket.id))).toBe(2);
    }
  });

  it('is told of a defect, and the next is answered again', async () => {
    let broken = true;
    const usage = await usageNames((registers) => ({
      ...registers,
      change: (...asked) => {
        if (broken) throw new Error('planted');
        return registers.change(...asked);
      },
    }));
    const bucket = bucketWith('a');
    const refused = await Promise.all([usage.take(bucket, 1), usage.look(bucket, 1)]);
    expect(refused.map((outcome) => !outcome.ok && outcome.failure.code)).toEqual(['InternalError', 'InternalError']);
    broken = false;
    unwrap(await usage.take(bucket, 1));
    expect(unwrap(await usage.usedBytes('bucket', bucket.id))).toBe(1);
  });

  it('is told apart by the bucket, not by its name, which may be that of another by now', async () => {
    const usage = await usageNames();
    const [gone, made] = [bucketWith('a'), bucketWith('b')];
    await Promise.all([usage.take(gone, 10), usage.take(made, 20)]);
    expect(unwrap(await usage.usedBytes('bucket', gone.id))).toBe(10);
    expect(unwrap(await usage.usedBytes('bucket', made.id))).toBe(20);
  });
});

describe('counting what is there', () => {
  const bucket = bucketWith('a');
  const used = async (usage: UsageNames): Promise<number> => unwrap(await usage.usedBytes('bucket', bucket.id));

  it('adds what was taken meanwhile, and was not given back', async () => {
    const usage = await usageNames();
    unwrap(await usage.take(bucket, 500));
    const count = unwrap(await usage.beginCount('bucket', bucket.id));
    const taken = unwrap(await usage.take(bucket, 70));
    const failed = unwrap(await usage.take(bucket, 7));
    await usage.giveBack(bucket, 7, failed);
    unwrap(await usage.endCount('bucket', bucket.id, count, 100));
    expect(await used(usage)).toBe(170);
    // Taken under this count, so it is in.
    await usage.giveBack(bucket, 70, taken);
    expect(await used(usage)).toBe(100);
  });

  it('lets nothing come back that was taken, or went, before it was over', async () => {
    const usage = await usageNames();
    const taken = unwrap(await usage.take(bucket, 500));
    const before = await usage.moment(bucket);
    const count = unwrap(await usage.beginCount('bucket', bucket.id));
    const meanwhile = await usage.moment(bucket);
    await usage.release(bucket, 10, meanwhile);
    unwrap(await usage.endCount('bucket', bucket.id, count, 100));
    await usage.giveBack(bucket, 500, taken);
    await usage.release(bucket, 20, before);
    await usage.release(bucket, 30, meanwhile);
    expect(await used(usage)).toBe(100);
    await usage.release(bucket, 40, await usage.moment(bucket));
    expect(await used(usage)).toBe(60);
  });

  it('is overtaken by a count that begins later, also where the quota was lifted in between', async () => {
    const usage = await usageNames();
    const first = unwrap(await usage.beginCount('bucket', bucket.id));
    const taken = unwrap(await usage.take(bucket, 5));
    const second = unwrap(await usage.beginCount('bucket', bucket.id));
    expect(await usage.endCount('bucket', bucket.id, first, 1)).toMatchObject({ ok: false, failure: { code: 'Conflict' } });
    expect(await usage.forget('bucket', bucket.id, first)).toMatchObject({ ok: false, failure: { code: 'Conflict' } });
    unwrap(await usage.forget('bucket', bucket.id, second));
    const third = unwrap(await usage.beginCount('bucket', bucket.id));
    unwrap(await usage.endCount('bucket', bucket.id, third, 50));
    await usage.giveBack(bucket, 5, taken);
    expect(await used(usage)).toBe(50);
  });
});
