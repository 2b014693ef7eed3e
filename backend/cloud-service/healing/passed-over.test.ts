import { describe, expect, it } from 'vitest';
import { concatBytes, utf8 } from '../../base/bytes.ts';
import type { Logger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import { encodeRecord } from '../../register/record.ts';
import type { RegisterKey, RegisterStore } from '../../register/register-store.ts';
import { putBytes, someBytes } from '../objects/testing/bodies.ts';
import { Healer } from './healer.ts';
import { Sweeper } from './sweeper.ts';
import { createHealingCluster, type HealingCluster, type HealingNode } from './testing/healing-cluster.ts';

const bytes = someBytes(100_000);
const forever = new AbortController().signal;

function errorsInto(lines: string[]): Logger {
  const ignore = (): void => undefined;
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (_fields, message) => void lines.push(message),
    child: () => logger,
  };
  return logger;
}

/** Puts rows before all others of a node that no release could have written. */
async function poison(cluster: HealingCluster, ring: 'object' | 'container', states: readonly string[]): Promise<void> {
  const store = cluster.registers.nodes[0]?.store as RegisterStore;
  const [row] = store.walk({ ring, fromHash: 0, toHash: 0xffff_ffff, limit: 1 });
  const accepted = row && store.readBallot(row.key);
  if (row === undefined || accepted === undefined) throw new Error(`there is no row in the ring ${ring}`);
  await store.write(
    states.map((state, hash) => {
      const key: RegisterKey = { ...row.key, hash, key: concatBytes([row.key.key, utf8(String(hash))]) };
      const head = encodeRecord({ version: 1, history: [], state: utf8(state), deletedAtMs: 0 });
      return { kind: 'register' as const, key, accepted, value: { head, inline: null } };
    }),
  );
}

interface Loss {
  readonly cluster: HealingCluster;
  readonly node: HealingNode;
  readonly lost: number;
  restored(): number;
}

/** Six objects, and a node that has lost all its copies. Whoever reads `brokenKey` meets a defect. */
async function clusterThatLostCopies(brokenKey?: string): Promise<Loss> {
  const checkKey = (key: string): void => {
    if (key === brokenKey) throw new Error('a defect at one key');
  };
  const cluster = await createHealingCluster({
    wrapNames: (names) => ({
      ...names,
      objects: {
        ...names.objects,
        objects: {
          ...names.objects.objects,
          read: (bucket, address) => {
            checkKey(address.key);
            return names.objects.objects.read(bucket, address);
          },
          settle: (bucket, address) => {
            checkKey(address.key);
            return names.objects.objects.settle(bucket, address);
          },
        },
      },
    }),
  });
  for (let index = 0; index < 6; index++) unwrap(await putBytes(cluster.first.objects, cluster.bucket, `k${index}`, bytes));
  const others = cluster.nodes.filter((node) => node.id !== cluster.first.id).map((node) => node.store.blobs);
  const blobs = others.reduce((most, one) => (one.size > most.size ? one : most));
  const lost = blobs.size;
  blobs.clear();
  return { cluster, node: cluster.healers[0] as HealingNode, lost, restored: () => blobs.size };
}

describe('what throws at one thing', () => {
  it('keeps the healer from no row behind it, counts as failed, and is told once', async () => {
    const { cluster, node, lost, restored } = await clusterThatLostCopies();
    await poison(cluster, 'object', ['{"content', '{"content":{"kind":"blobs","blobs":[{}]}}', '{}']);
    await poison(cluster, 'container', ['{"state']);
    const lines: string[] = [];
    const healer = new Healer({ ...node.deps, logger: errorsInto(lines) });
    await healer.pass('all', forever);
    expect(lost).toBeGreaterThan(0);
    expect(restored()).toBe(lost);
    expect(healer.status).toMatchObject({ copiesFailed: 3, copiesRestored: lost });
    const told = lines.length;
    expect(told).toBe(4);
    await healer.pass('all', forever);
    expect(healer.status.copiesFailed).toBe(3);
    expect(lines).toHaveLength(told);
    // Each is named, in the next walk too, for the API and the events.
    const id = cluster.bucket.id;
    const named = (healer.status.passedOver ?? []).map(({ what, name }) => `${what} ${name.replace(/k\d/, 'K')}`);
    expect(named.sort()).toEqual(['bucket photos0', `record ${id}/K0`, `record ${id}/K1`, `record ${id}/K2`]);
    expect(healer.status.passedOver?.find(({ what }) => what === 'bucket')?.reason).toMatch(/JSON/);
  });

  it('stays told while the next walk has not come to it again, and when that is broken off', async () => {
    const { cluster, node } = await clusterThatLostCopies();
    await poison(cluster, 'object', ['{"content']);
    const healer = new Healer(node.deps);
    const first = healer.pass('all', forever);
    expect(healer.status).not.toHaveProperty('lastWalk');
    await first;
    const { passedOver = [] } = healer.status;
    expect(passedOver).toHaveLength(1);
    const lastWalk = { copiesFailed: 1, unreadable: 0, passedOver: [...passedOver] };
    const stop = new AbortController();
    const second = healer.pass('all', stop.signal);
    expect(healer.status).toMatchObject({ state: 'running', copiesFailed: 0, lastWalk });
    stop.abort();
    await second;
    expect(healer.status).toMatchObject({ state: 'idle', lastWalk });
    expect(healer.status.partitionsDone).toBeLessThan(healer.status.partitions);
    await healer.pass('all', forever);
    expect(healer.status).not.toHaveProperty('lastWalk');
    expect(healer.status).toMatchObject({ copiesFailed: 1, passedOver });
  });

  it('keeps the healer from no record that is being healed', async () => {
    const { node, lost, restored } = await clusterThatLostCopies('k2');
    await node.healer.pass('all', forever);
    expect(node.healer.status.copiesFailed).toBeLessThanOrEqual(1);
    const defect = { what: 'record', name: 'photos/k2', reason: 'Error: a defect at one key' };
    if (node.healer.status.copiesFailed > 0) expect(node.healer.status.passedOver).toEqual([defect]);
    expect(restored()).toBeGreaterThanOrEqual(lost - 1);
    expect(restored() + node.healer.status.copiesFailed).toBe(lost);
  });

  it('keeps the sweep from no blob behind it, and leaves no mark', async () => {
    const { cluster, node } = await clusterThatLostCopies('broken');
    const owner = (key: string): string => `1 ${cluster.bucket.id} photos ${cluster.bucket.shards} - - ${key}`;
    async function* content(): AsyncGenerator<Uint8Array> {
      yield bytes;
    }
    const [undecided, orphan] = ['00'.repeat(16), 'ff'.repeat(16)];
    const { store } = cluster.first;
    unwrap(await store.write(undecided, content(), owner('broken')));
    unwrap(await store.write(orphan, content(), owner('never')));
    cluster.pass(25 * 60 * 60_000);
    const lines: string[] = [];
    const sweeper = new Sweeper({ ...node.deps, logger: errorsInto(lines) });
    await store.condemn(undecided);
    await sweeper.pass(forever);
    expect(store.blobs.has(undecided)).toBe(true);
    expect(store.blobs.has(orphan)).toBe(false);
    expect(store.condemned()).toEqual([]);
    expect(lines).toHaveLength(1);
  });
});
