import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { silentLogger } from '../../base/logger.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import type { EventView } from '../../contracts/admin-api.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { failure } from '../../contracts/errors.ts';
import { openEventLog } from '../events/event-log.ts';
import { openRegistry } from '../registry/registry.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { createHealthMonitor } from './health-monitor.ts';

/** A registry of nodes behind a line that can be cut per node, for the Controller and for peers. */
function setUp(count: number) {
  const clock = createManualClock();
  const disk = { full: false };
  const memory = createMemoryDocumentStore();
  const documents: DocumentStore = {
    ...memory,
    commit: (changes) => {
      if (disk.full) throw new FailureError(failure('StorageFull', 'full'));
      memory.commit(changes);
    },
  };
  const registry = openRegistry({ clock, random: createSystemRandom(), documents, clusterId: 'c'.repeat(32) });
  const events = openEventLog({ clock, documents, logger: silentLogger });
  const cut = new Set<string>();
  const cutForPeers = new Set<string>();
  const extra: Partial<StatusAnswer> = {};
  const counts = { probes: 0 };
  const rpc: ClusterRpcClient = {
    call: async (target, _method, body) => {
      counts.probes += 1;
      if (target.expected.kind !== 'node') throw new Error('only nodes are probed');
      const { nodeId } = target.expected;
      if (cut.has(nodeId)) return failed(failure('Timeout', 'no answer'));
      const { askAbout } = body as { askAbout: string[] };
      const peers = askAbout.map((id) => ({
        nodeId: id,
        reachable: !cutForPeers.has(id),
        lastAnswerAgoMs: cutForPeers.has(id) ? 30_000 : 10,
        roundTripMs: 1,
      }));
      return success({ ...status(nodeId), peers, ...extra });
    },
  };
  const ids = Array.from({ length: count }, (_, index) => registry.add(newNode(index)).entry.id);
  const startedAnew = () =>
    createHealthMonitor({ clock, random: createSystemRandom(), logger: silentLogger, documents, registry, events, rpc });
  const monitor = startedAnew();
  const stateOf = (index: number): string | undefined => registry.get(ids[index] as string)?.entry.state;
  const kinds = async (kind: string): Promise<EventView[]> => {
    await clock.advance(100);
    return events.after(0, 10_000).filter((event) => event.kind === kind);
  };
  return { clock, registry, events, cut, cutForPeers, extra, monitor, startedAnew, ids, stateOf, kinds, counts, disk };
}

function status(nodeId: string): StatusAnswer {
  return {
    nodeId,
    instanceId: 'x',
    softwareVersion: '1',
    membershipVersion: 1,
    epoch: 0,
    digest: null,
    phase: null,
    serving: 'waiting-for-rings',
    freeBytes: 1,
    usedBytes: 1,
    nameCount: 0,
    blobCount: 0,
    measuredReadBytesPerSecond: null,
    measuredWriteBytesPerSecond: null,
    peers: [],
  };
}

describe('the health monitor', () => {
  it('goes on probing while the disk is full, and keeps what it finds once there is room', async () => {
    const { clock, monitor, stateOf, kinds, counts, disk } = setUp(3);
    disk.full = true;
    monitor.start();
    await clock.advance(10_000);
    expect(counts.probes).toBeGreaterThan(9);
    expect([0, 1, 2].map(stateOf)).toEqual(Array(3).fill('joining'));
    disk.full = false;
    await clock.advance(10_000);
    expect([0, 1, 2].map(stateOf)).toEqual(Array(3).fill('healthy'));
    expect(await kinds('node.state')).toHaveLength(3);
    monitor.stop();
  });

  it('makes joining nodes healthy and tells it', async () => {
    const { clock, monitor, registry, stateOf, kinds } = setUp(5);
    const before = registry.version;
    monitor.start();
    await clock.advance(3_000);
    expect([0, 1, 2, 3, 4].map(stateOf)).toEqual(Array(5).fill('healthy'));
    expect(registry.version).toBe(before + 5);
    expect(await kinds('node.state')).toHaveLength(5);
    monitor.stop();
  });

  it('finds out within tenths of a second that a node which has just joined has opened its port', async () => {
    const { clock, monitor, registry, cut, counts } = setUp(1);
    monitor.start();
    await clock.advance(3_000);
    const late = registry.add(newNode(7)).entry.id;
    cut.add(late);
    await clock.advance(1_000);
    expect(registry.get(late)?.entry.state).toBe('joining');
    expect(monitor.of(late).evidence.missedProbes).toBe(0);
    cut.delete(late);
    await clock.advance(600);
    expect(registry.get(late)?.entry.state).toBe('healthy');
    // From then on it is asked as seldom as all others.
    const before = counts.probes;
    await clock.advance(6_000);
    expect(counts.probes - before).toBeLessThanOrEqual(8);
    monitor.stop();
  });

  it('calls a node that joined and never answers down in the end', async () => {
    const { clock, monitor, cut, cutForPeers, ids, stateOf } = setUp(3);
    const [victim] = ids as [string];
    cut.add(victim);
    cutForPeers.add(victim);
    monitor.start();
    await clock.advance(30_000);
    expect(stateOf(0)).toBe('down');
    monitor.stop();
  });

  it('calls a silent node suspect, then down with its evidence, then healthy again', async () => {
    const { clock, monitor, cut, cutForPeers, ids, stateOf, kinds } = setUp(5);
    monitor.start();
    await clock.advance(3_000);
    const [victim] = ids as [string];
    cut.add(victim);
    cutForPeers.add(victim);
    await clock.advance(5_500);
    expect(stateOf(0)).toBe('suspect');
    await clock.advance(8_500);
    expect(stateOf(0)).toBe('down');
    expect(monitor.of(victim).evidence.sentence).toMatch(/^no answer for \d+ s from Controller and 4 of 4 peers$/);
    const told = (await kinds('node.state')).map((event) => (event.data as { to: string }).to);
    expect(told.slice(-2)).toEqual(['suspect', 'down']);
    cut.delete(victim);
    await clock.advance(3_000);
    expect(stateOf(0)).toBe('healthy');
    monitor.stop();
  });

  it('knows of a node that is being drained, too, whether anybody reaches it, though that does not end the drain', async () => {
    const { clock, monitor, registry, cut, cutForPeers, ids, stateOf } = setUp(4);
    monitor.start();
    await clock.advance(3_000);
    const [victim] = ids as [string];
    registry.update(victim, { state: 'draining' });
    expect(monitor.isUnreachable(victim)).toBe(false);
    cut.add(victim);
    await clock.advance(20_000);
    // Its peers reach it still: the fault is the Controller's own line.
    expect(monitor.isUnreachable(victim)).toBe(false);
    cutForPeers.add(victim);
    await clock.advance(20_000);
    expect(monitor.isUnreachable(victim)).toBe(true);
    expect(stateOf(0)).toBe('draining');
    cut.delete(victim);
    await clock.advance(3_000);
    expect(monitor.isUnreachable(victim)).toBe(false);
    for (const id of ids) cut.add(id);
    await clock.advance(60_000);
    expect(monitor.isUnreachable(victim)).toBe(false);
    monitor.stop();
  });

  it('leaves a node suspect that its peers still reach', async () => {
    const { clock, monitor, cut, ids, stateOf } = setUp(5);
    monitor.start();
    await clock.advance(3_000);
    cut.add(ids[0] as string);
    await clock.advance(60_000);
    expect(stateOf(0)).toBe('suspect');
    expect(monitor.of(ids[0] as string).evidence).toMatchObject({ peersAsked: 4, peersThatReachIt: 4 });
    monitor.stop();
  });

  it('calls nobody down when its own line is cut', async () => {
    const { clock, monitor, cut, cutForPeers, ids, stateOf } = setUp(4);
    monitor.start();
    await clock.advance(3_000);
    for (const id of ids) cut.add(id);
    await clock.advance(60_000);
    expect([0, 1, 2, 3].map(stateOf)).toEqual(Array(4).fill('suspect'));
    for (const id of ids) cut.delete(id);
    cutForPeers.clear();
    await clock.advance(3_000);
    expect([0, 1, 2, 3].map(stateOf)).toEqual(Array(4).fill('healthy'));
    monitor.stop();
  });

  it('keeps what others observed in transfers beside what a node measured, and tells once of a drift', async () => {
    const { clock, monitor, extra, ids, kinds } = setUp(3);
    const [slow, fine] = ids as [string, string];
    extra.observedSpeeds = [
      { nodeId: slow, readBytesPerSecond: 40_000_000, writeBytesPerSecond: null },
      { nodeId: fine, readBytesPerSecond: null, writeBytesPerSecond: 90_000_000 },
    ];
    monitor.start();
    await clock.advance(10_000);
    // A node's word about itself does not count.
    expect(monitor.of(slow).observed).toEqual({ readBytesPerSecond: 40_000_000, writeBytesPerSecond: null, reporters: 2 });
    const drifts = await kinds('node.drift');
    expect(drifts.map((event) => event.data)).toEqual([
      { nodeId: slow, what: 'read', how: 'observed', declared: 100_000_000, measured: 40_000_000 },
    ]);
    extra.observedSpeeds = [];
    await clock.advance(5_000);
    expect(monitor.of(slow).observed.reporters).toBe(0);
    monitor.stop();
  });

  it('tells once when a measured speed drifts by more than two', async () => {
    const { clock, monitor, extra, kinds } = setUp(1);
    monitor.start();
    extra.measuredWriteBytesPerSecond = 40_000_000;
    extra.measuredReadBytesPerSecond = 199_000_000;
    await clock.advance(20_000);
    const drifts = await kinds('node.drift');
    expect(drifts).toHaveLength(1);
    expect(drifts[0]?.data).toMatchObject({ what: 'write', declared: 100_000_000, measured: 40_000_000 });
    monitor.stop();
  });

  it('does not tell of a drift again after a start, and does when it was gone in between', async () => {
    const { clock, monitor, startedAnew, extra, kinds, disk } = setUp(1);
    extra.measuredWriteBytesPerSecond = 40_000_000;
    monitor.start();
    await clock.advance(10_000);
    monitor.stop();
    const second = startedAnew();
    second.start();
    await clock.advance(10_000);
    expect(await kinds('node.drift')).toHaveLength(1);
    extra.measuredWriteBytesPerSecond = 90_000_000;
    await clock.advance(10_000);
    extra.measuredWriteBytesPerSecond = 40_000_000;
    await clock.advance(10_000);
    expect(await kinds('node.drift')).toHaveLength(2);
    // A disk that keeps nothing costs a repetition after the next start, none before.
    disk.full = true;
    extra.measuredReadBytesPerSecond = 40_000_000;
    await clock.advance(10_000);
    disk.full = false;
    await clock.advance(10_000);
    expect(await kinds('node.drift')).toHaveLength(3);
    second.stop();
  });

  it('stops probing a removed node and everything when stopped', async () => {
    const { clock, monitor, registry, ids, counts, stateOf } = setUp(2);
    monitor.start();
    await clock.advance(3_000);
    registry.revoke([ids[0] as string], 'test');
    const before = counts.probes;
    await clock.advance(20_000);
    expect(counts.probes - before).toBeLessThan(14);
    expect(counts.probes - before).toBeGreaterThan(6);
    expect(stateOf(0)).toBe('removed');
    monitor.stop();
    const stopped = counts.probes;
    await clock.advance(20_000);
    expect(counts.probes).toBe(stopped);
  });

  it('refuses a status that is not one', async () => {
    const { clock, monitor, extra, stateOf } = setUp(1);
    extra.freeBytes = 'a lot' as unknown as number;
    monitor.start();
    await clock.advance(5_000);
    expect(stateOf(0)).not.toBe('healthy');
    monitor.stop();
  });
});
