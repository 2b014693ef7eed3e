import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import { utf8 } from '../../base/bytes.ts';
import { Emitter } from '../../base/emitter.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import type { PeerHandler, PeerReply, PeerTransport } from '../../base/peer-transport.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import { newOperationId } from '../names/typed-registers.ts';
import { createRegisterCluster, type RegisterCluster } from '../testing/register-cluster.ts';
import { testProposal } from '../testing/test-authority.ts';
import { CatchUp } from './catch-up.ts';
import type { ActiveEpoch, EpochView } from './epoch-state.ts';
import { ReplicaDigests } from './replica-digests.ts';

const names = Array.from({ length: 40 }, (_, index) => `name ${index}`);

describe('catching up', () => {
  let cluster: RegisterCluster;
  let parts: ReturnType<typeof member>[];
  let handlers: Map<string, PeerHandler>;
  let silent: Set<string>;
  /** Nodes whose transport throws, as only a defect would make it. */
  let broken: Set<string>;
  let active: ActiveEpoch;
  const adopted = new Emitter<EpochView>();

  beforeEach(async () => {
    cluster = await createRegisterCluster(3);
    handlers = new Map();
    silent = new Set();
    broken = new Set();
    active = activeEpoch(cluster.nodes.map((node) => node.id));
    parts = cluster.nodes.map((node) => member(node));
  });
  afterEach(() => Promise.all(parts.map((part) => part.catchUp.stop())));

  function member(node: RegisterCluster['nodes'][number]) {
    const transport: PeerTransport = {
      request: async (peer, _channel, payload): Promise<PeerReply> => {
        if (broken.has(node.id)) throw new Error('a defect');
        const handler = handlers.get(peer);
        if (handler === undefined || silent.has(peer)) return { kind: 'unreachable', reason: 'down' };
        return { kind: 'reply', payload: await handler(node.id, payload) };
      },
      handle: (_channel, handler) => {
        handlers.set(node.id, handler);
        return toDisposable(() => handlers.delete(node.id));
      },
    };
    const epochs = { active, epoch: 1, regime: { epoch: 1, phase: 'active' as const }, adopted };
    const digests = new ReplicaDigests({ transport, store: node.store, epochs, selfId: node.id });
    const reunited = new Emitter<void>();
    const returned = new Emitter<string>();
    const missed = new Emitter<RegisterKey>();
    const missedWrites = new Emitter<void>();
    const catchUp = new CatchUp({
      clock: createSystemClock(),
      random: createSystemRandom(),
      logger: silentLogger,
      digests,
      registers: node.registers,
      epochs,
      serving: () => true,
      reunited,
      returned,
      missedWrites,
      missed,
      fullPassAfterMs: 50,
    });
    return { id: node.id, node, digests, catchUp, reunited, returned, missedWrites, missed };
  }

  const at = (index: number): ReturnType<typeof member> => parts[index] as ReturnType<typeof member>;
  const keyOf = (name: string): RegisterKey => ({ ring: 'object', hash: (name.length * 0x1234_5678) >>> 0, key: utf8(name) });

  async function write(index: number, name: string, state: string | null): Promise<void> {
    const decide = () => ({ kind: 'write', state: state === null ? null : utf8(state), inline: null }) as const;
    unwrap(await at(index).node.registers.change(keyOf(name), newOperationId(createSystemRandom()), decide));
  }

  /** Node 2 has started and has compared everything once. */
  async function startAndCompare(): Promise<() => Promise<number>> {
    for (const part of parts.slice(0, 2)) part.digests.serve();
    const passes = vi.spyOn(at(2).catchUp, 'pass');
    at(2).catchUp.start();
    await vi.waitFor(() => expect(passes).toHaveBeenCalledOnce(), { timeout: 5_000 });
    await passes.mock.results[0]?.value;
    return async () => (await at(2).digests.compare(active)).different;
  }

  /** Node 2 is away while the others write, overwrite and delete. */
  async function missALot(): Promise<void> {
    for (const name of names) await write(0, name, 'first');
    cluster.setDown(at(2).id, true);
    for (const name of names.slice(10)) await write(0, name, 'second');
    for (const name of names.slice(30)) await write(1, name, null);
    cluster.setDown(at(2).id, false);
  }

  it('brings back what a node missed, deletions included, and shows it before and after', async () => {
    for (const part of parts) part.digests.serve();
    await missALot();
    expect((await at(2).digests.compare(active)).different).toBeGreaterThan(0);
    expect((await at(2).catchUp.pass(active)).rewritten).toBe(30);
    expect(await at(2).digests.compare(active)).toMatchObject({ different: 0, differing: [], silent: [] });
    expect(await at(2).catchUp.pass(active)).toEqual({ rewritten: 0, again: new Set() });
    cluster.setDown(at(0).id, true);
    for (const [index, name] of names.entries()) {
      const { state } = unwrap(await at(2).node.registers.read(keyOf(name)));
      expect(state === null ? null : Buffer.from(state).toString()).toBe(index < 10 ? 'first' : index < 30 ? 'second' : null);
    }
  });

  it('leaves to a peer what the peer missed, and asks a silent one again', async () => {
    for (const part of parts) part.digests.serve();
    await missALot();
    expect(await at(0).catchUp.pass(active)).toMatchObject({ rewritten: 0 });
    silent.add(at(1).id);
    expect((await at(2).digests.compare(active)).silent).toEqual([at(1).id]);
    const { again } = await at(2).catchUp.pass(active);
    expect([...again].sort()).toEqual([at(0).id, at(1).id].sort());
  });

  it('begins again when this node was cut off, when a peer comes back, and when it refused an accept', async () => {
    for (const part of parts.slice(0, 2)) part.digests.serve();
    at(2).catchUp.start();
    const same = async (): Promise<number> => (await at(2).digests.compare(active)).different;
    await missALot();
    await expect.poll(same, { timeout: 15_000 }).toBe(0);
    cluster.setDown(at(2).id, true);
    await write(0, 'cut off', 'x');
    cluster.setDown(at(2).id, false);
    at(2).reunited.emit();
    await expect.poll(same, { timeout: 15_000 }).toBe(0);
    cluster.setDown(at(2).id, true);
    await write(0, 'one line was broken', 'x');
    cluster.setDown(at(2).id, false);
    at(2).returned.emit(at(0).id);
    await expect.poll(same, { timeout: 15_000 }).toBe(0);
    cluster.setDown(at(2).id, true);
    await write(0, 'an accept was refused', 'x');
    cluster.setDown(at(2).id, false);
    at(2).missed.emit(keyOf('an accept was refused'));
    await expect.poll(same, { timeout: 15_000 }).toBe(0);
  });

  it('compares with everybody when a gateway that holds no replica comes back, or says that writes were missed', async () => {
    const different = await startAndCompare();
    cluster.setDown(at(2).id, true);
    await write(0, 'through a gateway that cannot reach it', 'x');
    expect(cluster.unheardAccepts).toContainEqual({ by: at(0).id, node: at(2).id });
    cluster.setDown(at(2).id, false);
    at(2).returned.emit('ffffffffffffffff');
    await expect.poll(different, { timeout: 15_000 }).toBe(0);
    cluster.setDown(at(2).id, true);
    await write(0, 'the accept was lost on its way', 'x');
    cluster.setDown(at(2).id, false);
    expect(await different()).toBeGreaterThan(0);
    at(2).missedWrites.emit();
    await expect.poll(different, { timeout: 15_000 }).toBe(0);
  });

  it('asks again a peer that was silent when a refused accept was looked into', async () => {
    const different = await startAndCompare();
    cluster.setDown(at(2).id, true);
    await write(0, 'refused here', 'x');
    cluster.setDown(at(2).id, false);
    silent.add(at(0).id).add(at(1).id);
    const asked = vi.spyOn(at(2).digests, 'differing');
    at(2).missed.emit(keyOf('refused here'));
    await vi.waitFor(() => expect(asked.mock.results.length).toBeGreaterThanOrEqual(2), { timeout: 5_000 });
    await Promise.all(asked.mock.results.map((result) => result.value as unknown));
    silent.clear();
    await expect.poll(different, { timeout: 15_000 }).toBe(0);
  });

  it('tries again after a pass that threw', async () => {
    for (const part of parts.slice(0, 2)) part.digests.serve();
    await missALot();
    broken.add(at(2).id);
    const passes = vi.spyOn(at(2).catchUp, 'pass');
    at(2).catchUp.start();
    await vi.waitFor(() => expect(passes).toHaveBeenCalledOnce(), { timeout: 5_000 });
    broken.clear();
    await expect.poll(async () => (await at(2).digests.compare(active)).different, { timeout: 15_000 }).toBe(0);
  });
});

function activeEpoch(ids: readonly string[]): ActiveEpoch {
  const proposal = { ...testProposal('c'.repeat(32), 3), partitionPower: 4 };
  const rings = buildRingSet({
    previous: null,
    nodes: ids.map((id, index) => ({ id, zone: `zone ${index}`, weight: 1 })),
    partitionPower: proposal.partitionPower,
    replicas: 3,
    seed: '00'.repeat(16),
  });
  return {
    certificate: { format: 1, proposal, digest: rings.digest, phase: 'active', acknowledgements: [] },
    certificateBytes: new Uint8Array(1),
    rings,
  };
}
