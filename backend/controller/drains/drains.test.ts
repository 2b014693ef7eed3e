import { afterEach, describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, unwrap } from '../../base/outcome.ts';
import type { CopiesNamedAnswer } from '../../contracts/drain.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { failure } from '../../contracts/errors.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { createDrains, type Drains } from './drains.ts';

const none = { blobs: 0, bytes: 0 };
let started: Drains[] = [];

afterEach(async () => {
  await Promise.all(started.map((drains) => drains.stop()));
  started = [];
});

/** A Controller's part in drains, with nodes that say what a test wants them to say. */
function setUp(indexes: readonly number[] = [0, 1, 2, 3]) {
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  const events: string[] = [];
  const said: string[] = [];
  /** Since when by the wall clock. */
  const silent = new Map<string, number>();
  /** Runs while a node counts. */
  let whileCounting = (): void => undefined;
  let left = { blobs: 4, bytes: 400 };
  let stored = { blobs: 4, bytes: 400 };
  const members = indexes.map((index) => ({ id: newNode(index).id, name: `node-${index}`, zone: `z${index % 3}`, weight: 10 }));
  const proposal = (epoch: number, list: typeof members): EpochCertificate => ({
    format: 1,
    proposal: {
      format: 1,
      clusterId: 'c'.repeat(16),
      epoch,
      attempt: 1,
      members: list,
      partitionPower: 6,
      replicas: 3,
      membershipVersion: 1,
    },
    digest: '0'.repeat(64),
    phase: 'active',
    acknowledgements: [],
  });
  let certificate = proposal(1, members);
  const ringsOf = (): ReturnType<typeof buildRingSet> =>
    buildRingSet({ previous: null, nodes: certificate.proposal.members, partitionPower: 6, replicas: 3, seed: 'ab'.repeat(16) });
  const open = (): { registry: Registry; drains: Drains } => {
    const registry = openRegistry({ clock, random: createSystemRandom(), documents, clusterId: 'c'.repeat(16) });
    if (registry.records().length === 0)
      for (const index of indexes) {
        registry.add(newNode(index));
        registry.update(newNode(index).id, { state: 'healthy' });
      }
    const rpc: Pick<ClusterRpcClient, 'call'> = {
      call: (target, _method, body) => {
        const asked = target.expected.kind === 'node' ? target.expected.nodeId : '';
        const { nodeId } = body as { nodeId: string };
        whileCounting();
        const answer: CopiesNamedAnswer = {
          epoch: certificate.proposal.epoch,
          membershipVersion: registry.version,
          held: left,
          led: asked === members[0]?.id ? left : none,
          onlyThere: none,
          unreadableLists: 0,
          ...(asked === nodeId ? { own: { stored, takesCopies: false } } : {}),
        };
        return Promise.resolve(silent.has(asked) ? failed(failure('Unreachable', 'silent')) : success(answer));
      },
    };
    const evidence = (id: string) => ({
      sentence: 'as tests have it',
      sentenceKey: 'test',
      sentenceValues: {},
      missedProbes: silent.has(id) ? 9 : 0,
      lastAnswerAtMs: silent.get(id) ?? clock.nowMs(),
      roundTripMs: null,
      peersAsked: 2,
      peersThatReachIt: silent.has(id) ? 0 : 2,
    });
    const drains = createDrains({
      clock,
      logger: silentLogger,
      documents,
      registry,
      rings: {
        get certificate() {
          return certificate;
        },
        running: false,
        change: null,
        active: ringsOf,
        leave: (_by, ids) => {
          certificate = proposal(
            certificate.proposal.epoch + 1,
            certificate.proposal.members.filter(({ id }) => !ids.has(id)),
          );
          return failed(failure('Busy', 'told when it is over'));
        },
      },
      health: {
        of: (id) => ({
          evidence: evidence(id),
          status: undefined,
          observed: { readBytesPerSecond: null, writeBytesPerSecond: null, reporters: 0 },
        }),
        answers: (id) => !silent.has(id),
      },
      events: {
        append: ({ kind, message }) => {
          events.push(kind);
          said.push(message);
        },
      },
      rpc: rpc as ClusterRpcClient,
    });
    started.push(drains);
    drains.start();
    return { registry, drains };
  };
  const node = (registry: Registry): NodeRecord => registry.byName('node-3') as NodeRecord;
  return {
    clock,
    open,
    events,
    said,
    recoverWithout: (id: string) => {
      const { proposal: before } = certificate;
      const without = proposal(
        before.epoch + 1,
        before.members.filter((member) => member.id !== id),
      );
      certificate = { ...without, proposal: { ...without.proposal, recovery: { givenUp: [id], certificate: '', signature: '' } } };
    },
    silent,
    node,
    onceWhileCounting: (task: () => void) => {
      whileCounting = () => {
        whileCounting = () => undefined;
        task();
      };
    },
    leave: (blobs: number) => void (left = { blobs, bytes: blobs * 100 }),
    keep: (blobs: number) => void (stored = { blobs, bytes: blobs * 100 }),
  };
}

describe('a drain', () => {
  it('tells how far it is, ends when nothing can name the node, and goes on after a restart in every state', async () => {
    const world = setUp();
    const first = world.open();
    expect(unwrap(first.drains.begin(world.node(first.registry), 'anna'))).toMatchObject({
      state: 'copying',
      total: null,
      startedBy: 'anna',
    });
    expect(world.node(first.registry).entry.state).toBe('draining');
    await world.clock.advance(2_000);
    expect(first.drains.of(world.node(first.registry).entry.id)).toMatchObject({ total: { blobs: 4 }, left: { blobs: 4, bytes: 400 } });
    world.leave(1);
    await world.clock.advance(5_000);
    const shown = first.drains.of(world.node(first.registry).entry.id);
    expect(shown).toMatchObject({ state: 'copying', total: { blobs: 4 }, left: { blobs: 1, bytes: 100 } });
    expect(shown?.bytesPerSecond).toBeGreaterThan(0);
    expect(shown?.secondsLeft).toBeGreaterThan(0);
    await first.drains.stop();

    const second = world.open();
    world.leave(0);
    await world.clock.advance(5_000);
    // No record names it, but something that a request has just written may be named yet.
    expect(second.drains.of(world.node(second.registry).entry.id)).toMatchObject({ state: 'copying', left: none, stored: { blobs: 4 } });
    world.keep(0);
    await world.clock.advance(40_000);
    expect(second.drains.of(world.node(second.registry).entry.id)).toMatchObject({
      state: 'drained',
      inRings: false,
      report: { copied: { blobs: 4, bytes: 400 }, named: none, stored: none, epoch: 2 },
    });
    await second.drains.stop();

    const third = world.open();
    expect(unwrap(await third.drains.checkRemoval(world.node(third.registry)))).toMatchObject({ allowed: true });
    unwrap(await third.drains.remove(world.node(third.registry), 'anna'));
    expect(third.registry.isRevoked(world.node(third.registry).entry.id)).toBe(true);
    expect(world.events).toEqual(['drain.started', 'drain.finished', 'node.removed']);
  });

  it('rests while it is paused, and is taken back when it is cancelled', async () => {
    const world = setUp();
    const { drains, registry } = world.open();
    unwrap(drains.begin(world.node(registry), 'anna'));
    expect(unwrap(drains.pause(world.node(registry), 'anna')).state).toBe('paused');
    expect(world.node(registry).entry).toMatchObject({ state: 'draining', drainPaused: true });
    world.leave(0);
    world.keep(0);
    await world.clock.advance(10_000);
    expect(drains.of(world.node(registry).entry.id)?.state).toBe('paused');
    expect(unwrap(drains.cancel(world.node(registry), 'anna'))).toMatchObject({ state: 'cancelled', inRings: true });
    expect(world.node(registry).entry.state).toBe('healthy');
    expect(world.node(registry).entry.drainPaused).toBeUndefined();
    expect(drains.pause(world.node(registry), 'anna')).toMatchObject({ ok: false, failure: { code: 'NotFound' } });
    expect(await drains.remove(world.node(registry), 'anna')).toMatchObject({ ok: false, failure: { code: 'NodeStillNeeded' } });
  });

  it('is over, and told to be, when a list that was taken over says so; but a fence tells of itself', async () => {
    const world = setUp();
    const { drains, registry } = world.open();
    const { id } = world.node(registry).entry;
    unwrap(drains.begin(world.node(registry), 'anna'));
    registry.update(id, { state: 'healthy' });
    await world.clock.advance(3_000);
    expect(drains.of(id)?.state).toBe('cancelled');
    expect(world.events).toEqual(['drain.started', 'drain.cancelled']);
    unwrap(drains.begin(world.node(registry), 'anna'));
    registry.revoke([id], 'stolen');
    await world.clock.advance(3_000);
    expect(drains.of(id)?.state).toBe('cancelled');
    expect(world.events).toEqual(['drain.started', 'drain.cancelled', 'drain.started']);
  });

  it('is over, and told to be, when the node is given up with the rings recovered without it', async () => {
    const world = setUp();
    const { drains, registry } = world.open();
    const { id } = world.node(registry).entry;
    unwrap(drains.begin(world.node(registry), 'anna'));
    await world.clock.advance(2_000);
    world.recoverWithout(id);
    registry.revoke([id], 'given up');
    await world.clock.advance(20_000);
    expect(drains.of(id)).toMatchObject({ state: 'cancelled', inRings: false, note: null });
    expect(world.events).toEqual(['drain.started', 'drain.cancelled']);
    expect(world.said.at(-1)).toBe(
      'The drain of node-3 is over: it was given up when the rings were recovered, and its certificate is refused.',
    );
  });

  it('is told of once when an administrator cancels it while the step of another one takes its time', async () => {
    const world = setUp([0, 1, 2, 3, 4]);
    const { drains, registry } = world.open();
    const [first, second] = [1, 3].map((index) => registry.get(newNode(index).id) as NodeRecord);
    unwrap(drains.begin(first as NodeRecord, 'anna'));
    unwrap(drains.begin(second as NodeRecord, 'anna'));
    await world.clock.advance(3_000);
    world.onceWhileCounting(() => void unwrap(drains.cancel(registry.get(newNode(3).id) as NodeRecord, 'binh')));
    await world.clock.advance(20_000);
    expect(drains.of(newNode(3).id)?.state).toBe('cancelled');
    expect(world.events).toEqual(['drain.started', 'drain.started', 'drain.cancelled']);
  });

  it('drains a dead node from the other copies, but not one that is merely silent for a moment', async () => {
    const world = setUp();
    const { drains, registry } = world.open();
    const { id } = world.node(registry).entry;
    world.silent.set(id, world.clock.nowMs());
    unwrap(drains.begin(world.node(registry), 'anna'));
    world.leave(0);
    await world.clock.advance(10_000);
    expect(drains.of(id)).toMatchObject({ state: 'copying', left: none });
    await world.clock.advance(60_000);
    expect(drains.of(id)).toMatchObject({ state: 'drained', report: { stored: null } });
  });

  it('does not let a node be removed that has changed while its copies were counted', async () => {
    const world = setUp();
    const { drains, registry } = world.open();
    const { id } = world.node(registry).entry;
    unwrap(drains.begin(world.node(registry), 'anna'));
    world.leave(0);
    world.keep(0);
    await world.clock.advance(60_000);
    expect(drains.of(id)?.state).toBe('drained');
    const refusal = { ok: false, failure: { code: 'NodeStillNeeded', message: expect.stringContaining('has changed while') as string } };

    // Another administrator takes it back: it is given copies again.
    world.onceWhileCounting(() => void unwrap(drains.cancel(world.node(registry), 'binh')));
    expect(await drains.remove(world.node(registry), 'anna')).toMatchObject(refusal);
    expect(world.node(registry).entry.state).toBe('healthy');
    expect(registry.isRevoked(id)).toBe(false);

    // It is dead, came back for a moment and may have been given copies.
    registry.update(id, { state: 'down' });
    world.onceWhileCounting(() => {
      registry.update(id, { state: 'healthy' });
      registry.update(id, { state: 'down' });
    });
    expect(await drains.remove(world.node(registry), 'anna')).toMatchObject(refusal);
    expect(registry.isRevoked(id)).toBe(false);

    world.onceWhileCounting(() => registry.revoke([id], 'fenced'));
    expect(await drains.remove(world.node(registry), 'anna')).toMatchObject({ ok: false, failure: { code: 'Conflict' } });
  });
});
