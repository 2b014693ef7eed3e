import { describe, expect, it } from 'vitest';
import { compareBytes, utf8 } from '../../base/bytes.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, unwrap, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import { createNameHasher } from '../../ring/xxhash-name-hasher.ts';
import { createRegisterCluster, type RegisterCluster } from '../testing/register-cluster.ts';
import { createNames } from './create-names.ts';
import type { Names } from './names.ts';

function objectOf(size: number): ObjectRecord {
  return {
    format: 1,
    kind: 'object',
    size,
    etag: 'd41d8cd98f00b204e9800998ecf8427e',
    lastModifiedMs: 0,
    metadata: { headers: {}, user: {} },
    content: { kind: 'inline' },
    generation: 1,
  };
}

async function withBucket(): Promise<{
  cluster: RegisterCluster;
  first: Names;
  second: Names;
  bucket: BucketRecord;
  owner: { id: string; name: string };
}> {
  const cluster = await createRegisterCluster(3);
  const first = (cluster.nodes[0] as (typeof cluster.nodes)[number]).names;
  const second = (cluster.nodes[1] as (typeof cluster.nodes)[number]).names;
  const account = unwrap(await first.accounts.create({ name: 'anna', passwordHash: 'x' }));
  const owner = { id: account.id, name: account.name };
  return { cluster, first, second, bucket: unwrap(await first.buckets.create(owner, 'photos')), owner };
}

let operations = 0;
function operationId(): string {
  return (++operations).toString(16).padStart(32, '0');
}

function put(names: Names, bucket: BucketRecord, key: string, size = 1): Promise<Outcome<{ previous: ObjectRecord | null }>> {
  return names.objects.objects.change(bucket, { key }, operationId(), () => ({ kind: 'write', record: objectOf(size), inline: utf8(key) }));
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

describe('accounts', () => {
  it('are created once, and seen from every node', async () => {
    const { first, second } = await withBucket();
    expect(codeOf(await second.accounts.create({ name: 'anna', passwordHash: 'y' }))).toBe('Conflict');
    expect(unwrap(await second.accounts.byName('anna')).passwordHash).toBe('x');
    expect(codeOf(await first.accounts.byName('nobody'))).toBe('NoSuchAccount');
    expect(codeOf(await first.accounts.create({ name: '<b>', passwordHash: 'y' }))).toBe('InvalidArgument');
  });

  it('give and take access keys; adding the same fixed key again changes nothing', async () => {
    const { first, second } = await withBucket();
    const fixed = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' };
    unwrap(await first.accounts.addAccessKey('anna', fixed));
    unwrap(await second.accounts.addAccessKey('anna', fixed));
    expect(unwrap(await first.accounts.byName('anna', { fresh: true })).accessKeyIds).toEqual([fixed.accessKeyId]);
    expect(unwrap(await second.accounts.byAccessKey(fixed.accessKeyId)).secretAccessKey).toBe(fixed.secretAccessKey);
    unwrap(await first.accounts.create({ name: 'bert', passwordHash: 'x' }));
    expect(codeOf(await first.accounts.addAccessKey('bert', fixed))).toBe('Conflict');
    expect(unwrap(await first.accounts.byName('bert', { fresh: true })).accessKeyIds).toEqual([]);
    expect(codeOf(await first.accounts.removeAccessKey('bert', fixed.accessKeyId))).toBe('NoSuchAccount');
    unwrap(await first.accounts.removeAccessKey('anna', fixed.accessKeyId));
    expect(codeOf(await first.accounts.byAccessKey(fixed.accessKeyId))).toBe('NoSuchAccount');
  });

  it('cannot be removed while they own buckets', async () => {
    const { first } = await withBucket();
    expect(codeOf(await first.accounts.remove('anna'))).toBe('Conflict');
    unwrap(await first.buckets.remove('photos'));
    unwrap(await first.accounts.remove('anna'));
    expect(codeOf(await first.accounts.byName('anna', { fresh: true }))).toBe('NoSuchAccount');
  });
});

describe('what a node remembers', () => {
  /** Another node of the cluster, whose clock the test moves. */
  async function nodeWithClock(cluster: RegisterCluster): Promise<{ names: Names; pass: (ms: number) => void }> {
    const system = createSystemClock();
    let aheadMs = 0;
    const clock = { ...system, monotonicMs: () => system.monotonicMs() + aheadMs };
    const { registers } = cluster.nodes[2] as (typeof cluster.nodes)[number];
    const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
    const names = createNames({ clock, random: createSystemRandom(), logger: silentLogger, hasher, registers });
    return { names, pass: (ms) => void (aheadMs += ms) };
  }

  it('of an access key ends within 5 s after it was revoked elsewhere, however often it is used', async () => {
    const { cluster, first } = await withBucket();
    const { names, pass } = await nodeWithClock(cluster);
    const { accessKeyId } = unwrap(await first.accounts.addAccessKey('anna'));
    expect(codeOf(await names.accounts.byAccessKey(accessKeyId))).toBe('ok');
    unwrap(await first.accounts.removeAccessKey('anna', accessKeyId));
    const codes: string[] = [];
    for (let second = 0; second < 6; second++) {
      codes.push(codeOf(await names.accounts.byAccessKey(accessKeyId)));
      pass(1_000);
    }
    expect(codes.lastIndexOf('ok')).toBeLessThan(5);
    expect(codes.at(-1)).toBe('NoSuchAccount');
  });

  it('is never that something is missing: what is made elsewhere is there at once', async () => {
    const { cluster, first, owner } = await withBucket();
    const { names } = await nodeWithClock(cluster);
    const fixed = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' };
    expect(codeOf(await names.accounts.byAccessKey(fixed.accessKeyId))).toBe('NoSuchAccount');
    expect(codeOf(await names.accounts.byName('bert'))).toBe('NoSuchAccount');
    expect(codeOf(await names.buckets.resolve('later'))).toBe('NoSuchBucket');
    unwrap(await first.accounts.addAccessKey('anna', fixed));
    unwrap(await first.accounts.create({ name: 'bert', passwordHash: 'x' }));
    unwrap(await first.buckets.create(owner, 'later'));
    expect(codeOf(await names.accounts.byAccessKey(fixed.accessKeyId))).toBe('ok');
    expect(codeOf(await names.accounts.byName('bert'))).toBe('ok');
    expect(codeOf(await names.buckets.resolve('later'))).toBe('ok');
  });
});

describe('buckets', () => {
  it('have one owner, whoever asks where', async () => {
    const { first, second, owner, bucket } = await withBucket();
    expect(unwrap(await second.buckets.resolve('photos')).id).toBe(bucket.id);
    expect(codeOf(await second.buckets.create(owner, 'photos'))).toBe('BucketOwned');
    const other = unwrap(await second.accounts.create({ name: 'bert', passwordHash: 'x' }));
    expect(codeOf(await first.buckets.create({ id: other.id, name: 'bert' }, 'photos'))).toBe('BucketExists');
    expect(unwrap(await second.buckets.listOf('anna')).map((item) => item.name)).toEqual(['photos']);
  });

  it('have names that every S3 client can use, whoever creates them', async () => {
    const { first, owner } = await withBucket();
    for (const name of ['Photos', 'a_b', 'ab', '1.2.3.4', ''])
      expect(codeOf(await first.buckets.create(owner, name))).toBe('InvalidArgument');
    expect(unwrap(await first.buckets.listOf('anna')).map((item) => item.name)).toEqual(['photos']);
  });

  it('are created by exactly one of many at the same time', async () => {
    const { first, second } = await withBucket();
    const bert = unwrap(await first.accounts.create({ name: 'bert', passwordHash: 'x' }));
    const carl = unwrap(await first.accounts.create({ name: 'carl', passwordHash: 'x' }));
    const codes = (await Promise.all([first.buckets.create(bert, 'race'), second.buckets.create(carl, 'race')])).map(codeOf);
    expect(codes.sort()).toEqual(['BucketExists', 'ok']);
  });

  it('with objects stay, and open again with the next generation', async () => {
    const { first, second, bucket } = await withBucket();
    unwrap(await put(first, bucket, 'a'));
    expect(codeOf(await second.buckets.remove('photos'))).toBe('BucketNotEmpty');
    const reopened = unwrap(await second.buckets.resolve('photos', { fresh: true }));
    expect(reopened).toMatchObject({ id: bucket.id, state: 'open', generation: bucket.generation + 1 });
    unwrap(await first.objects.objects.change(bucket, { key: 'a' }, operationId(), () => ({ kind: 'delete' })));
    unwrap(await second.buckets.remove('photos'));
    expect(codeOf(await second.buckets.resolve('photos', { fresh: true }))).toBe('NoSuchBucket');
    expect(unwrap(await first.buckets.listOf('anna'))).toEqual([]);
  });
});

describe("a bucket whose owner's list", () => {
  /** The names of the first node; `onAccountChange` stands before what it tells of changes in the account ring. */
  async function namesWith(cluster: RegisterCluster, onAccountChange: <T>(told: Outcome<T>) => Promise<Outcome<T>>): Promise<Names> {
    const { registers } = cluster.nodes[0] as (typeof cluster.nodes)[number];
    const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
    const change: RegisterClient['change'] = async (key, ...rest) => {
      const told = await registers.change(key, ...rest);
      return key.ring === 'account' ? onAccountChange(told) : told;
    };
    return createNames({
      clock: createSystemClock(),
      random: createSystemRandom(),
      logger: silentLogger,
      hasher,
      registers: { ...registers, change },
    });
  }

  it('cannot be written is there all the same: it is not told as if nothing had changed', async () => {
    const { cluster, second, owner } = await withBucket();
    const lonely = await namesWith(cluster, () => Promise.resolve(failed(failure('QuorumUnavailable', 'Nothing was changed.'))));
    expect(codeOf(await lonely.buckets.create(owner, 'half'))).toBe('OutcomeUnknown');
    expect(codeOf(await second.buckets.resolve('half', { fresh: true }))).toBe('ok');
    expect(codeOf(await second.buckets.create(owner, 'half'))).toBe('BucketOwned');
    expect(unwrap(await second.buckets.listOf('anna')).map(({ name }) => name)).toEqual(['half', 'photos']);
  });
});

describe('a bucket that is deleted while others write into it', () => {
  it('takes nothing more, also from a node that has not noticed', async () => {
    const { first, second, bucket } = await withBucket();
    unwrap(await second.buckets.remove('photos'));
    expect(codeOf(await put(first, bucket, 'late'))).toBe('NoSuchBucket');
    expect(codeOf(await first.objects.objects.read(bucket, { key: 'late' }))).toBe('NoSuchBucket');
  });

  it('and made anew: whoever still knows the old one works on the new one', async () => {
    const { first, second, owner, bucket } = await withBucket();
    unwrap(await second.buckets.remove('photos'));
    const anew = unwrap(await second.buckets.create(owner, 'photos'));
    unwrap(await put(first, bucket, 'late', 7));
    expect(unwrap(await second.objects.objects.read(anew, { key: 'late' }))?.record.size).toBe(7);
    expect(unwrap(await first.objects.objects.read(bucket, { key: 'late' }))?.record.size).toBe(7);
    expect(unwrap(await first.objects.list(bucket, { prefix: '', limit: 10 })).rows.map(({ key }) => key)).toEqual(['late']);
    unwrap(await first.objects.objects.change(bucket, { key: 'late' }, operationId(), () => ({ kind: 'delete' })));
    expect(unwrap(await second.objects.objects.read(anew, { key: 'late' }))).toBeNull();
  });

  it('costs nobody a question: a write with a known bucket asks for no bucket', async () => {
    const { cluster, bucket } = await withBucket();
    const { registers } = cluster.nodes[0] as (typeof cluster.nodes)[number];
    const asked: string[] = [];
    const counting: RegisterClient = {
      ...registers,
      read: (key, fence) => {
        asked.push(key.ring);
        return registers.read(key, fence);
      },
    };
    const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
    const names = createNames({
      clock: createSystemClock(),
      random: createSystemRandom(),
      logger: silentLogger,
      hasher,
      registers: counting,
    });
    unwrap(await put(names, bucket, 'k'));
    unwrap(await names.objects.objects.change(bucket, { key: 'k' }, operationId(), () => ({ kind: 'delete' })));
    expect(asked).toEqual([]);
    // That something is missing is said only of a bucket that was looked at afresh.
    expect(unwrap(await names.objects.objects.read(bucket, { key: 'k' }))).toBeNull();
    expect(asked).toEqual(['object', 'container']);
  });

  it('and is left half-deleted by a node that died: the next write finishes the delete first', async () => {
    const { cluster, first, second, bucket } = await withBucket();
    const hasher = await createNameHasher('0123456789abcdef0123456789abcdef');
    const { registers } = cluster.nodes[2] as (typeof cluster.nodes)[number];
    const halfDeleted = Promise.withResolvers<void>();
    const dying: RegisterClient = {
      ...registers,
      list: () => {
        halfDeleted.resolve();
        return new Promise(() => undefined);
      },
    };
    const third = createNames({ clock: createSystemClock(), random: createSystemRandom(), logger: silentLogger, hasher, registers: dying });
    unwrap(await put(first, bucket, 'k'));
    void third.buckets.remove('photos');
    await halfDeleted.promise;
    // The object is there, so the delete comes to nothing.
    expect(codeOf(await put(first, bucket, 'k2'))).toBe('ok');
    expect(unwrap(await second.buckets.resolve('photos', { fresh: true }))).toMatchObject({ state: 'open' });
  });

  it('is told as deleted to exactly one of two that delete it at once', async () => {
    const { first, second, owner } = await withBucket();
    for (let round = 0; round < 20; round++) {
      const { name } = unwrap(await first.buckets.create(owner, `twice-${round}`));
      const codes = (await Promise.all([first.buckets.remove(name), second.buckets.remove(name)])).map(codeOf);
      expect(codes.sort()).toEqual(['NoSuchBucket', 'ok']);
    }
  });

  it('keeps every acknowledged object', async () => {
    const { first, second, owner } = await withBucket();
    const outcomes = new Set<string>();
    // The write begins later each round, so that it falls into every step of the delete.
    const putAfter = async (ticks: number, bucket: BucketRecord): Promise<Outcome<unknown>> => {
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      return put(first, bucket, 'k');
    };
    for (let round = 0; round < 100; round++) {
      const bucket = unwrap(await first.buckets.create(owner, `race-${round}`));
      const [written, removed] = await Promise.all([putAfter(round * 2, bucket), second.buckets.remove(bucket.name)]);
      outcomes.add(`${codeOf(written)}/${codeOf(removed)}`);
      if (!written.ok) continue;
      expect(codeOf(removed)).not.toBe('ok');
      expect(codeOf(await first.buckets.resolve(bucket.name, { fresh: true }))).toBe('ok');
    }
    expect(outcomes.size).toBeGreaterThan(1);
  });
});

describe('objects', () => {
  it('are one register each: the change sees what is there and tells what was before', async () => {
    const { first, second, bucket } = await withBucket();
    expect(unwrap(await put(first, bucket, 'k', 1)).previous).toBeNull();
    expect(unwrap(await put(second, bucket, 'k', 2)).previous?.size).toBe(1);
    const found = unwrap(await first.objects.objects.read(bucket, { key: 'k' }));
    expect(found?.record.size).toBe(2);
    expect(found?.inline).toEqual(utf8('k'));
  });

  it('are listed over all shards in the order of UTF-8 bytes, page by page, without deleted ones', async () => {
    const { first, second, bucket } = await withBucket();
    const keys = [
      'a',
      'a/',
      'a/b',
      'a//b',
      'ä',
      '\u{ff5e}',
      '\u{1f600}',
      'b b',
      '..',
      'a/../b',
      ...Array.from({ length: 120 }, (_, index) => `n/${index}`),
    ];
    await Promise.all(keys.map((key) => put(first, bucket, key)));
    for (let index = 0; index < 120; index += 7)
      unwrap(await first.objects.objects.change(bucket, { key: `n/${index}` }, operationId(), () => ({ kind: 'delete' })));
    const expected = keys
      .filter((key) => !(key.startsWith('n/') && Number(key.slice(2)) % 7 === 0))
      .sort((left, right) => compareBytes(utf8(left), utf8(right)));
    for (const limit of [1, 7, 1000]) {
      const seen: string[] = [];
      for (;;) {
        const after = seen.at(-1);
        const page = unwrap(await second.objects.list(bucket, { prefix: '', ...(after === undefined ? {} : { after }), limit }));
        expect(page.rows.length).toBeLessThanOrEqual(limit);
        seen.push(...page.rows.map((row) => row.key));
        if (!page.more) break;
      }
      expect(seen).toEqual(expected);
    }
    expect(unwrap(await second.objects.list(bucket, { prefix: 'a/', limit: 1000 })).rows.map((row) => row.key)).toEqual([
      'a/',
      'a/../b',
      'a//b',
      'a/b',
    ]);
    expect(unwrap(await second.objects.list(bucket, { prefix: '', from: utf8('n/98'), limit: 2 })).rows.map((row) => row.key)).toEqual(
      ['n/99', 'ä'].slice(0, 2),
    );
  });

  it('are readable with one replica of three down, and refused with two', async () => {
    const { cluster, first, bucket } = await withBucket();
    unwrap(await put(first, bucket, 'k'));
    cluster.setDown('0000000000000003', true);
    expect(unwrap(await first.objects.list(bucket, { prefix: '', limit: 10 })).rows).toHaveLength(1);
    cluster.setDown('0000000000000002', true);
    expect(codeOf(await first.objects.list(bucket, { prefix: '', limit: 10 }))).toBe('QuorumUnavailable');
  });
});
