import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyBytes, utf8 } from '../../backend/base/bytes.ts';
import { FailureError } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
import type { Ballot } from '../../backend/register/ballot.ts';
import { zeroBallot } from '../../backend/register/ballot.ts';
import type { RegisterReply } from '../../backend/register/messages.ts';
import { absentRecord, nextValue } from '../../backend/register/record.ts';
import type { RegisterValue } from '../../backend/register/register-store.ts';
import type { HarnessNode, ReplicaHarness } from './replica-harness.ts';
import { createReplicaHarness, key } from './replica-harness.ts';

const peer = 'b'.repeat(16);
const ballot = (counter: number, nodeId = peer): Ballot => ({ epoch: 1, counter, nodeId, boot: 1 });
const value = (text: string | null): RegisterValue =>
  nextValue(absentRecord, '0'.repeat(32), { state: text === null ? null : utf8(text), inline: null, result: emptyBytes, atMs: 1 });
const otherKey = { ...key, key: utf8('other') };

describe('an acceptor', () => {
  let harness: ReplicaHarness;
  let node: HarnessNode;
  const prepare = (of: Ballot, where = key): Promise<RegisterReply> => node.ask(of.nodeId, { kind: 'prepare', key: where, ballot: of });
  const accept = (of: Ballot, what: RegisterValue, where = key): Promise<RegisterReply> =>
    node.ask(of.nodeId, { kind: 'accept', key: where, ballot: of, value: what });
  const purge = (of: Ballot): Promise<RegisterReply> => node.ask(peer, { kind: 'purge', key, ballot: of });
  beforeEach(() => {
    harness = createReplicaHarness();
    node = harness.nodes[0];
  });
  afterEach(() => harness.stop());

  it('grants a prepare only above the promise, and accepts what is not below it', async () => {
    expect(await prepare(ballot(5))).toMatchObject({ kind: 'promised', accepted: zeroBallot });
    expect(await prepare(ballot(5))).toEqual({ kind: 'refused', promise: ballot(5) });
    expect(await prepare(ballot(4))).toEqual({ kind: 'refused', promise: ballot(5) });
    expect(await accept(ballot(4), value('x'))).toEqual({ kind: 'refused', promise: ballot(5) });
    expect(await accept(ballot(5), value('x'))).toEqual({ kind: 'accepted' });
    expect(await prepare(ballot(5))).toMatchObject({ kind: 'refused' });
    expect(await prepare(ballot(6))).toMatchObject({ kind: 'promised', accepted: ballot(5) });
  });

  it('turns away a start that is over, and does not call it a name that is outdated', async () => {
    harness.recordedBoots.set(peer, 2);
    const oldStart = { kind: 'unavailable', reason: 'old-start' };
    expect(await prepare(ballot(5))).toEqual(oldStart);
    expect(await node.ask(peer, { kind: 'read', key, wantValue: true })).toEqual(oldStart);
    const [, other] = harness.nodes;
    for (const replica of harness.nodes) harness.recordedBoots.set(replica.id, 9);
    expect(await other.client.read(key)).toMatchObject({ ok: false, failure: { code: 'QuorumUnavailable' } });
  });

  it('keeps promises over a restart, for keys with and without a row, below a ceiling that was durable first', async () => {
    await accept(ballot(3), value('x'));
    const syncs = node.disk.syncs;
    expect(await prepare(ballot(900))).toMatchObject({ kind: 'promised' });
    expect(await prepare(ballot(901), otherKey)).toMatchObject({ kind: 'promised' });
    // Below the ceiling that the first accept raised: no sync for either.
    expect(node.disk.syncs).toBe(syncs);
    expect(node.disk.states.has('register/promise-ceiling')).toBe(true);
    node.restart();
    expect(await accept(ballot(899), value('late'))).toMatchObject({ kind: 'refused' });
    expect(await prepare(ballot(900))).toMatchObject({ kind: 'refused' });
    expect(await accept(ballot(900), value('late'), otherKey)).toMatchObject({ kind: 'refused' });
    expect(await prepare(ballot(5000))).toMatchObject({ kind: 'promised', accepted: ballot(3) });
  });

  it('has the ceiling on its disk before it promises above it', async () => {
    const reply = prepare(ballot(70_000));
    expect(node.disk.states.has('register/promise-ceiling')).toBe(false);
    await reply;
    expect(node.disk.states.has('register/promise-ceiling')).toBe(true);
  });

  it('answers an accept after its commit, and a prepare after the commit of every accept before it', async () => {
    await prepare(ballot(1));
    const accepting = accept(ballot(2), value('x'));
    const preparing = prepare(ballot(3));
    expect(await node.ask(peer, { kind: 'read', key, wantValue: true })).toMatchObject({ accepted: zeroBallot });
    expect(node.disk.rows.size).toBe(0);
    expect(await preparing).toMatchObject({ kind: 'promised', accepted: ballot(2) });
    expect(await accepting).toEqual({ kind: 'accepted' });
    expect(node.disk.rows.size).toBe(1);
  });

  it('accepts the same ballot twice with one sync, also while the first is under way', async () => {
    await prepare(ballot(1));
    const syncs = node.disk.syncs;
    expect(await Promise.all([accept(ballot(2), value('x')), accept(ballot(2), value('x'))])).toEqual([
      { kind: 'accepted' },
      { kind: 'accepted' },
    ]);
    expect(await accept(ballot(2), value('x'))).toEqual({ kind: 'accepted' });
    expect(node.disk.syncs).toBe(syncs + 1);
  });

  it('turns an accept away for good when the disk is full, takes tombstones, and goes on afterwards', async () => {
    node.disk.full = true;
    expect(await accept(ballot(2), value('x'))).toEqual({ kind: 'unavailable', reason: 'storage-full' });
    expect(await accept(ballot(3), value(null))).toEqual({ kind: 'accepted' });
    node.disk.full = false;
    // A late copy of the message that was turned away.
    expect(await accept(ballot(2), value('x'))).toMatchObject({ kind: 'refused' });
    expect(await accept(ballot(4), value('y'))).toEqual({ kind: 'accepted' });
  });

  it('counts a full queue as no fault of the disk', async () => {
    let failed = false;
    void node.store.failed.then(() => (failed = true));
    const write = node.store.write;
    await prepare(ballot(1));
    node.store.write = () => Promise.reject(new FailureError(failure('Busy', 'the queue is full')));
    expect(await accept(ballot(2), value('x'))).toEqual({ kind: 'unavailable', reason: 'busy' });
    node.store.write = write;
    expect(await accept(ballot(3), value('x'))).toEqual({ kind: 'accepted' });
    expect(failed).toBe(false);
  });

  it('acknowledges nothing whose sync failed, answers nothing more, and the store tells its owner', async () => {
    await accept(ballot(1), value('x'));
    node.disk.failsNext = true;
    expect(await accept(ballot(2), value('y'))).toEqual({ kind: 'unavailable', reason: 'storage-failed' });
    expect(await node.store.failed).toMatchObject({ code: 'StorageFailed' });
    expect(await prepare(ballot(9))).toEqual({ kind: 'unavailable', reason: 'storage-failed' });
    expect(await accept(ballot(9), value('z'), otherKey)).toEqual({ kind: 'unavailable', reason: 'storage-failed' });
  });

  it('refuses a ballot under another name or start, of another epoch, and a record over 64 KiB', async () => {
    const malformed = { kind: 'unavailable', reason: 'malformed' };
    expect(await node.ask('c'.repeat(16), { kind: 'prepare', key, ballot: ballot(5) })).toEqual(malformed);
    expect(await prepare({ ...ballot(5), boot: 2 })).toEqual(malformed);
    expect(await prepare({ ...ballot(5), epoch: 2 })).toEqual(malformed);
    expect(await accept(ballot(5), { head: new Uint8Array(65_000), inline: new Uint8Array(537) })).toEqual(malformed);
    expect(await accept(ballot(5), { head: new Uint8Array(65_000), inline: new Uint8Array(536) })).toEqual({ kind: 'accepted' });
  });

  describe('purging', () => {
    it('deletes exactly the tombstone that it is told of, when nothing else is under way', async () => {
      await accept(ballot(5), value('x'));
      expect(await purge(ballot(5))).toEqual({ kind: 'kept' });
      await accept(ballot(6), value(null));
      expect(await purge(ballot(5))).toEqual({ kind: 'kept' });
      const writing = accept(ballot(7), value('y'));
      expect(await purge(ballot(6))).toEqual({ kind: 'kept' });
      await writing;
      await accept(ballot(8), value(null));
      expect(await purge(ballot(8))).toEqual({ kind: 'purged' });
      expect(node.disk.rows.size).toBe(0);
      expect(await purge(ballot(8))).toEqual({ kind: 'kept' });
    });

    it.each(['propose', 'joint', 'sync'] as const)('deletes nothing in the phase %s', async (phase) => {
      await accept(ballot(6), value(null));
      harness.regime = { epoch: 1, phase };
      expect(await purge(ballot(6))).toEqual({ kind: 'kept' });
    });

    it('leaves a durable floor at the promise of the key, under every key without a row', async () => {
      await accept(ballot(6), value(null));
      await prepare(ballot(9));
      expect(await purge(ballot(6))).toEqual({ kind: 'purged' });
      const floorStates = [...node.disk.states.keys()].filter((name) => name.startsWith('register/purge-floor/'));
      expect(floorStates).toHaveLength(1);
      // What the tombstone had replaced arrives late.
      expect(await accept(ballot(3), value('old'))).toMatchObject({ kind: 'refused' });
      expect(await accept(ballot(8), value('old'), otherKey)).toEqual({ kind: 'refused', promise: ballot(9) });
      expect(await prepare(ballot(9), otherKey)).toMatchObject({ kind: 'refused' });
      expect(await prepare(ballot(10), otherKey)).toMatchObject({ kind: 'promised', accepted: zeroBallot, floor: ballot(9) });
      expect(await accept(ballot(9), value('new'))).toEqual({ kind: 'accepted' });
    });

    it('keeps the floor over a restart even where no ceiling is left', async () => {
      await accept(ballot(6), value(null));
      await purge(ballot(6));
      node.disk.states.delete('register/promise-ceiling');
      node.restart();
      expect(await accept(ballot(5), value('old'))).toMatchObject({ kind: 'refused' });
      // A key with a row has its own promise, not the floor.
      await accept(ballot(7), value('x'), otherKey);
      expect(await accept(ballot(7), value('x'), otherKey)).toEqual({ kind: 'accepted' });
    });
  });
});
