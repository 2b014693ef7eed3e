import { describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, unwrap, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createRegisterCluster, type RegisterCluster } from '../testing/register-cluster.ts';
import { createNames } from './create-names.ts';
import { objectRingKey } from './name-keys.ts';
import type { Names } from './names.ts';

const hasherSeed = '0123456789abcdef0123456789abcdef';

interface Stage {
  readonly cluster: RegisterCluster;
  /** Nothing stands in its way. */
  readonly swift: Names;
  readonly owner: { readonly id: string; readonly name: string };
  readonly bucket: BucketRecord;
}

async function withBucket(): Promise<Stage> {
  const cluster = await createRegisterCluster(3);
  const swift = (cluster.nodes[1] as (typeof cluster.nodes)[number]).names;
  const account = unwrap(await swift.accounts.create({ name: 'anna', passwordHash: 'x' }));
  const owner = { id: account.id, name: account.name };
  return { cluster, swift, owner, bucket: unwrap(await swift.buckets.create(owner, 'photos')) };
}

/** Names of the first node, with something between them and the registers. */
async function namesOver(cluster: RegisterCluster, over: (registers: RegisterClient) => Partial<RegisterClient>): Promise<Names> {
  const { registers } = cluster.nodes[0] as (typeof cluster.nodes)[number];
  return createNames({
    clock: createSystemClock(),
    random: createSystemRandom(),
    logger: silentLogger,
    hasher: await createNameHasher(hasherSeed),
    registers: { ...registers, ...over(registers) },
  });
}

/** Runs `work` at the first call; all others wait for that. */
function once(work: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  return () => (begun ??= work());
}

/** Names whose first look for objects in a bucket that they delete comes after `meanwhile`. */
function lookingLate({ cluster }: Stage, meanwhile: () => Promise<void>): Promise<Names> {
  const first = once(meanwhile);
  return namesOver(cluster, (registers) => ({
    list: async (range, fence) => {
      await first();
      return registers.list(range, fence);
    },
  }));
}

/** Names whose first change of an owner's list comes after `before`, and is told after `after`. */
function listingLate({ cluster }: Stage, { before, after }: { before?: () => Promise<void>; after?: () => Promise<void> }): Promise<Names> {
  const first = once(before ?? (() => Promise.resolve()));
  const then = once(after ?? (() => Promise.resolve()));
  return namesOver(cluster, (registers) => ({
    change: async (key: RegisterKey, ...rest: never[]) => {
      if (key.ring === 'account') await first();
      const told = await (registers.change as (...all: unknown[]) => ReturnType<RegisterClient['change']>)(key, ...rest);
      if (key.ring === 'account') await then();
      return told;
    },
  }));
}

let operations = 0;

/** Past every fence, as what brings replicas up to date: as if one replica had held it before the shards were fenced off. */
async function putUnfenced({ cluster, bucket }: Stage, key: string): Promise<void> {
  const hasher = await createNameHasher(hasherSeed);
  const { registers } = cluster.nodes[0] as (typeof cluster.nodes)[number];
  const record: ObjectRecord = {
    format: 1,
    kind: 'object',
    size: 1,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
    lastModifiedMs: 0,
    metadata: { headers: {}, user: {} },
    content: { kind: 'inline' },
    generation: 1,
  };
  const state = utf8(JSON.stringify(record));
  const operationId = (++operations).toString(16).padStart(32, '0');
  unwrap(await registers.change(objectRingKey(hasher, bucket, 'object', { key }), operationId, () => ({ kind: 'write', state })));
}

/** Whoever meets a delete under way finishes it. */
async function finishFor(stage: Stage): Promise<void> {
  expect(unwrap(await stage.swift.buckets.find('photos'))).toBeNull();
}

async function makeAnew({ swift, owner, bucket }: Stage): Promise<BucketRecord> {
  await vi.waitFor(() => expect(Date.now()).toBeGreaterThan(bucket.createdAtMs));
  return unwrap(await swift.buckets.create(owner, 'photos'));
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

async function listed({ swift }: Stage): Promise<string[]> {
  return unwrap(await swift.buckets.listOf('anna')).map(({ name }) => name);
}

describe('a delete of a bucket that somebody else finishes meanwhile', () => {
  it.each(['gone', 'made anew'])('has taken effect, though an object shows up in what is %s', async (after) => {
    const stage = await withBucket();
    const late = await lookingLate(stage, async () => {
      await finishFor(stage);
      await putUnfenced(stage, 'late');
      if (after === 'made anew') await makeAnew(stage);
    });
    expect(codeOf(await late.buckets.remove('photos'))).toBe('ok');
  });

  it.each(['with an object that shows up', 'empty'])('is of unknown outcome once nobody remembers it: %s', async (content) => {
    const stage = await withBucket();
    const late = await lookingLate(stage, async () => {
      await finishFor(stage);
      if (content !== 'empty') await putUnfenced(stage, 'late');
      for (let again = 0; again < 6; again++) {
        await makeAnew(stage);
        unwrap(await stage.swift.buckets.remove('photos'));
      }
    });
    expect(codeOf(await late.buckets.remove('photos'))).toBe('OutcomeUnknown');
  });

  it('is refused when that one found an object, and opened the bucket again', async () => {
    const stage = await withBucket();
    const late = await lookingLate(stage, async () => {
      await putUnfenced(stage, 'late');
      expect(unwrap(await stage.swift.buckets.find('photos'))).toMatchObject({ id: stage.bucket.id, state: 'open' });
    });
    expect(codeOf(await late.buckets.remove('photos'))).toBe('BucketNotEmpty');
  });
});

describe('a delete of a bucket that has begun', () => {
  it('is of unknown outcome when it cannot go on: the next to come finishes it', async () => {
    const stage = await withBucket();
    const noMajority = failed(failure('QuorumUnavailable', 'Nothing was changed.'));
    const lonely = await namesOver(stage.cluster, () => ({ list: () => Promise.resolve(noMajority) }));
    expect(codeOf(await lonely.buckets.remove('photos'))).toBe('OutcomeUnknown');
    await finishFor(stage);
  });
});

describe('a bucket whose delete stopped half way', () => {
  it('is there for everybody with all its objects if it has any', async () => {
    const stage = await withBucket();
    await putUnfenced(stage, 'acknowledged before');
    const noMajority = failed(failure('QuorumUnavailable', 'Nothing was changed.'));
    const lonely = await namesOver(stage.cluster, () => ({ list: () => Promise.resolve(noMajority) }));
    expect(codeOf(await lonely.buckets.remove('photos'))).toBe('OutcomeUnknown');
    const found = unwrap(await stage.swift.buckets.resolve('photos'));
    expect(found).toMatchObject({ id: stage.bucket.id, state: 'open', generation: stage.bucket.generation + 1 });
    expect(unwrap(await stage.swift.objects.objects.read(found, { key: 'acknowledged before' }))).not.toBeNull();
  });

  it('has the quota of its owner that was set meanwhile', async () => {
    const stage = await withBucket();
    await putUnfenced(stage, 'acknowledged before');
    const noMajority = failed(failure('QuorumUnavailable', 'Nothing was changed.'));
    const lonely = await namesOver(stage.cluster, () => ({ list: () => Promise.resolve(noMajority) }));
    await lonely.buckets.remove('photos');
    unwrap(await stage.swift.buckets.setOwnerQuota('anna', 5_000));
    expect(unwrap(await stage.swift.buckets.resolve('photos'))).toMatchObject({ id: stage.bucket.id, ownerQuotaBytes: 5_000 });
  });

  it('is gone for everybody if it was empty, and nobody is told so before it is', async () => {
    const stage = await withBucket();
    const noMajority = failed(failure('QuorumUnavailable', 'Nothing was changed.'));
    const lonely = await namesOver(stage.cluster, () => ({ list: () => Promise.resolve(noMajority) }));
    expect(codeOf(await lonely.buckets.remove('photos'))).toBe('OutcomeUnknown');
    expect(codeOf(await lonely.buckets.resolve('photos'))).toBe('QuorumUnavailable');
    expect(codeOf(await stage.swift.buckets.resolve('photos'))).toBe('NoSuchBucket');
  });
});

describe("a bucket whose owner's list", () => {
  it('had lost it when somebody else opened it again has it again', async () => {
    const stage = await withBucket();
    const slow = await listingLate(stage, {
      after: async () => {
        await putUnfenced(stage, 'late');
        expect(codeOf(await stage.swift.buckets.remove('photos'))).toBe('BucketNotEmpty');
      },
    });
    expect(codeOf(await slow.buckets.remove('photos'))).toBe('Conflict');
    expect(codeOf(await stage.swift.buckets.resolve('photos', { fresh: true }))).toBe('ok');
    expect(await listed(stage)).toEqual(['photos']);
  });

  it('keeps the next one of its name when a delete of the one before is late', async () => {
    const stage = await withBucket();
    const late = await listingLate(stage, {
      before: async () => {
        await finishFor(stage);
        await makeAnew(stage);
      },
    });
    expect(codeOf(await late.buckets.remove('photos'))).toBe('ok');
    expect(await listed(stage)).toEqual(['photos']);
  });

  it.each(['before', 'after'] as const)('does not keep it when it is deleted just %s it was entered', async (moment) => {
    const stage = await withBucket();
    const slow = await listingLate(stage, {
      [moment]: async () => {
        unwrap(await stage.swift.buckets.remove('films'));
      },
    });
    await slow.buckets.create(stage.owner, 'films');
    expect(await listed(stage)).toEqual(['photos']);
  });

  it('does not keep it when it is entered between the two looks of whoever deletes it', async () => {
    const stage = await withBucket();
    const unlisted = Promise.withResolvers<void>();
    const created = Promise.withResolvers<void>();
    const deleting = await listingLate(stage, {
      after: async () => {
        unlisted.resolve();
        await created.promise;
      },
    });
    let removed: Promise<Outcome<void>> | undefined;
    const creating = await listingLate(stage, {
      before: async () => {
        removed = deleting.buckets.remove('films');
        await unlisted.promise;
      },
    });
    await creating.buckets.create(stage.owner, 'films');
    created.resolve();
    expect((await removed)?.ok).toBe(true);
    expect(await listed(stage)).toEqual(['photos']);
  });

  it('has it with its time when it was made anew while the one before was entered', async () => {
    const stage = await withBucket();
    unwrap(await stage.swift.buckets.remove('photos'));
    let anew: BucketRecord | undefined;
    const slow = await listingLate(stage, {
      before: async () => {
        const bucket = unwrap(await stage.swift.buckets.resolve('photos', { fresh: true }));
        unwrap(await stage.swift.buckets.remove('photos'));
        anew = await makeAnew({ ...stage, bucket });
      },
    });
    await slow.buckets.create(stage.owner, 'photos');
    expect(unwrap(await stage.swift.buckets.listOf('anna'))).toEqual([{ name: 'photos', createdAtMs: anew?.createdAtMs }]);
  });
});
