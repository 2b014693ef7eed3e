import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { silentLogger } from '../../base/logger.ts';
import { success, unwrap } from '../../base/outcome.ts';
import type { MembershipList } from '../../cloud-service/admin-cloud-controller/membership-list.ts';
import type { MembershipUpdate } from '../../contracts/membership.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { registryAndCopy, restoredController } from '../testing/restored-controller.ts';
import { createMembershipPusher } from './pusher.ts';

const idOf = (index: number): string => newNode(index).id;
const everybody = [1, 2, 3, 4] as const;

describe('a restored Controller and a node that knows more', () => {
  const joinAndFence = (there: Registry): void => {
    there.add(newNode(5));
    there.revoke([idOf(4)], 'stolen');
  };
  const suspectEverybody = (here: Registry): void => {
    for (const index of everybody) here.update(idOf(index), { state: 'suspect' });
  };
  const expectBoth = (here: Registry, list: MembershipList): void => {
    expect(list.version).toBe(here.version);
    for (const known of [here.membership.nodes, list.nodes]) expect(known.map(({ id }) => id)).toContain(idOf(5));
    expect([here.isRevoked(idOf(4)), list.isRefused(idOf(4))]).toEqual([true, true]);
  };

  it('a whole list that is pushed before anything was heard of the node takes nothing from it', async () => {
    const { there, here } = registryAndCopy(everybody);
    joinAndFence(there);
    const { node, list, seconds, told, pusher } = await restoredController(here, there);
    node.isThere = false;
    suspectEverybody(here);
    await seconds(1);
    node.isThere = true;
    await seconds(8);
    expectBoth(here, list);
    expect(told).toEqual([expect.stringContaining('It took over 1 Cloud Services, 1 removals')]);
    pusher.stop();
  });

  it('nor does the answer to an announcement', async () => {
    const { there, here } = registryAndCopy(everybody);
    joinAndFence(there);
    suspectEverybody(here);
    const { list, seconds, signedList, pusher } = await restoredController(here, there);
    unwrap(await list.apply(await signedList.updateSince(list.version)));
    unwrap(await list.apply(await signedList.updateSince(0)));
    expect(list.isRefused(idOf(4))).toBe(true);
    pusher.noteVersion(idOf(1), here.version);
    await seconds(8);
    expectBoth(here, list);
    pusher.stop();
  });

  it('a node whose list is older and does not lead to the present one gets it all the same, and every fence after it', async () => {
    const { there, here } = registryAndCopy(everybody);
    there.update(idOf(2), { state: 'suspect' });
    there.update(idOf(2), { state: 'healthy' });
    suspectEverybody(here);
    const { list, seconds, pusher } = await restoredController(here, there);
    await seconds(6);
    expect(list.version).toBe(here.version);
    here.revoke([idOf(3)], 'stolen');
    await seconds(4);
    expect(list.isRefused(idOf(3))).toBe(true);
    pusher.stop();
  });

  it('one that was fenced in both, for other reasons, is fenced in one list', async () => {
    const { there, here } = registryAndCopy(everybody);
    there.revoke([idOf(4)], 'at noon');
    here.revoke([idOf(4)], 'in the evening');
    const { list, seconds, pusher } = await restoredController(here, there);
    await seconds(6);
    expect(list.version).toBe(here.version);
    expect(list.whole()?.revocations).toEqual(here.membership.revocations);
    pusher.stop();
  });

  it('one that shows a wrong digest raises no version, and is asked once a minute', async () => {
    const { there, here } = registryAndCopy(everybody);
    const { node, calls, told, seconds, pusher } = await restoredController(here, there);
    node.digest = 'f'.repeat(64);
    const { version } = here;
    await seconds(20);
    expect(here.version).toBe(version);
    expect(calls).toEqual(['membership-whole']);
    expect(told).toEqual([]);
    pusher.stop();
  });

  const moved = { ...newNode(2).addresses, cluster: 'https://10.0.0.2:7410' };
  const moveAndWeigh = (there: Registry): void => {
    there.update(idOf(2), { addresses: moved });
    there.update(idOf(3), { weightOverride: 7 });
  };
  const expectMovedAndWeighed = (here: Registry, list: MembershipList): void => {
    expect(list.version).toBe(here.version);
    for (const known of [here.membership.nodes, list.nodes]) {
      expect(known.find(({ id }) => id === idOf(2))?.addresses).toEqual(moved);
      expect(known.find(({ id }) => id === idOf(3))?.weightOverride).toBe(7);
    }
  };

  it('addresses and weights that only the node knows are kept, however far the Controller has gone on by itself', async () => {
    const { there, here } = registryAndCopy(everybody);
    moveAndWeigh(there);
    const { node, list, told, seconds, pusher } = await restoredController(here, there);
    node.isThere = false;
    suspectEverybody(here);
    await seconds(1);
    expect(here.version).toBeGreaterThan(list.version);
    node.isThere = true;
    await seconds(8);
    expectMovedAndWeighed(here, list);
    expect(told).toEqual([expect.stringContaining('2 other changes')]);
    pusher.stop();
  });

  it('so are they when every entry was changed here meanwhile, so that the difference comes to the signed digest', async () => {
    const { there, here } = registryAndCopy(everybody);
    there.update(idOf(2), { addresses: moved });
    for (const state of ['suspect', 'down'] as const) for (const index of everybody) here.update(idOf(index), { state });
    const { list, signedList, seconds, pusher } = await restoredController(here, there);
    expect((await signedList.updateSince(list.version)).changed).toHaveLength(everybody.length);
    pusher.noteVersion(idOf(1), list.version);
    await seconds(8);
    expect(here.get(idOf(2))?.entry.addresses).toEqual(moved);
    expect(list.node(idOf(2))?.addresses).toEqual(moved);
    pusher.stop();
  });

  it('so are they when the Controller was started once more before it heard of the node', async () => {
    const { there, here, again } = registryAndCopy(everybody);
    moveAndWeigh(there);
    suspectEverybody(here);
    here.update(idOf(2), { weightOverride: 3 });
    const restarted = again();
    const { list, seconds, pusher } = await restoredController(restarted, there);
    await seconds(8);
    expectMovedAndWeighed(restarted, list);
    expect(list.node(idOf(2))?.weightOverride).toBe(3);
    pusher.stop();
  });

  it('a fence takes effect within seconds although the first fetch of the list was not answered, and counts as acknowledged only then', async () => {
    const { there, here } = registryAndCopy(everybody);
    for (const weightOverride of [1, 2, 3, 4]) there.update(idOf(2), { weightOverride });
    const { node, list, calls, seconds, pusher } = await restoredController(here, there);
    node.silent.add('membership-whole');
    await seconds(2);
    expect(calls).toEqual(['membership-whole']);
    here.revoke([idOf(3)], 'stolen');
    await seconds(2);
    expect(calls).toContain('membership-push');
    expect(pusher.acknowledged(idOf(1))).toBeLessThan(here.version);
    node.silent.clear();
    await seconds(6);
    expect(list.isRefused(idOf(3))).toBe(true);
    expect(pusher.acknowledged(idOf(1))).toBe(here.version);
    pusher.stop();
  });

  it('one that holds another list of the same number has acknowledged nothing', async () => {
    const { there, here } = registryAndCopy(everybody);
    there.update(idOf(2), { weightOverride: 1 });
    const { node, list, seconds, pusher } = await restoredController(here, there);
    node.silent.add('membership-whole');
    here.revoke([idOf(3)], 'stolen');
    expect(list.version).toBe(here.version);
    await seconds(1);
    expect(pusher.acknowledged(idOf(1))).toBeLessThan(here.version);
    node.silent.clear();
    await seconds(6);
    expect(list.isRefused(idOf(3))).toBe(true);
    pusher.stop();
  });
});

describe('a node that says another version each time', () => {
  /** Pushes to one node, which says that it holds `held`; tells which differences were made for it. */
  function setUp() {
    const clock = createManualClock();
    const registry = openRegistry({
      clock,
      random: createSystemRandom(),
      documents: createMemoryDocumentStore(),
      clusterId: 'ab'.repeat(16),
    });
    registry.add(newNode(1));
    for (let weightOverride = 1; weightOverride <= 60; weightOverride++) registry.update(idOf(1), { weightOverride });
    const made: number[] = [];
    const node = { held: 0 };
    const pusher = createMembershipPusher({
      ...{ clock, logger: silentLogger, registry },
      random: { fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
      signedList: {
        digest: () => Promise.resolve('0'.repeat(64)),
        updateSince: (sinceVersion) => {
          made.push(sinceVersion);
          return Promise.resolve({ version: registry.version, sinceVersion, listDigest: '0'.repeat(64) } as MembershipUpdate);
        },
      },
      rpc: { call: () => Promise.resolve(success({ version: node.held })) } as unknown as ClusterRpcClient,
      countPush: () => undefined,
      onOtherHistory: () => Promise.resolve(),
    });
    const sayNext = async (version: number): Promise<void> => {
      node.held = version;
      await clock.advance(6_000);
    };
    return { clock, registry, made, pusher, sayNext };
  }

  it('is given the whole list, made once, where there are no such versions', async () => {
    const { registry, made, pusher, sayNext } = setUp();
    registry.update(idOf(1), { weightOverride: 100 });
    for (let version = -1; version > -50; version--) await sayNext(version);
    pusher.noteVersion(idOf(1), -3);
    await sayNext(-100);
    expect(made).toEqual([0]);
    pusher.stop();
  });

  it('leaves no more than some differences behind', async () => {
    const { registry, made, pusher, sayNext } = setUp();
    const say = async (version: number): Promise<void> => {
      pusher.noteVersion(idOf(1), version);
      await sayNext(version);
    };
    for (const version of [50, 50, 50]) await say(version);
    expect(made.filter((since) => since === 50)).toHaveLength(1);
    for (let version = 1; version < 50; version++) await say(version);
    await say(50);
    expect(made.filter((since) => since === 50)).toHaveLength(2);
    expect(registry.version).toBeGreaterThan(50);
    pusher.stop();
  });
});
