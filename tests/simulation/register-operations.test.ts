import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../backend/base/bytes.ts';
import type { Outcome } from '../../backend/base/outcome.ts';
import { FailureError, unwrap } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
import { compareBallots } from '../../backend/register/ballot.ts';
import type { ChangeResult, Decision, RegisterClient } from '../../backend/register/register-client.ts';
import type { HarnessNode, ReplicaHarness } from './replica-harness.ts';
import { createReplicaHarness, key } from './replica-harness.ts';

let operations = 0;
const newId = (): string => (++operations).toString(16).padStart(32, '0');
const to = (text: string | null) => (): Decision => ({ kind: 'write', state: text === null ? null : utf8(text) });
const put = (client: RegisterClient, text: string | null, id = newId()): Promise<Outcome<ChangeResult>> => client.change(key, id, to(text));
const create = (client: RegisterClient, text: string): Promise<Outcome<ChangeResult>> =>
  client.change(key, newId(), (current) =>
    current.state === null ? to(text)() : { kind: 'refuse', failure: failure('PreconditionFailed', 'it is there') },
  );
const codeOf = (outcome: Outcome<unknown>): string => (outcome.ok ? 'ok' : outcome.failure.code);
async function textOf(client: RegisterClient): Promise<string | null> {
  const { state } = unwrap(await client.read(key));
  return state === null ? null : utf8Text(state);
}

describe('registers', () => {
  let harness: ReplicaHarness;
  let a: HarnessNode;
  let b: HarnessNode;
  let c: HarnessNode;
  const holders = (): number => harness.nodes.filter((node) => node.disk.rows.size > 0).length;
  const kindsSent = (): string[] => [...new Set(harness.sent.map(({ request }) => request.kind))];
  beforeEach(() => {
    harness = createReplicaHarness();
    [a, b, c] = harness.nodes;
  });
  afterEach(() => harness.stop());

  describe('cost what the protocol says', () => {
    const never = (kinds: readonly string[], kind: string): boolean => !kinds.includes(kind);
    beforeEach(async () => {
      // The first operation of a start raises the promise ceiling once.
      for (const node of harness.nodes) await put(node.client, 'first');
    });

    it('a write: two round trips and one sync at each replica', async () => {
      for (const text of ['x', null])
        expect(await harness.cost(() => put(a.client, text))).toEqual({
          kinds: ['accept', 'accept', 'prepare', 'prepare'],
          roundTrips: 2,
          syncs: 1,
          rangeReads: 0,
        });
      const conditional = await harness.cost(() => create(a.client, 'y'));
      expect(conditional).toMatchObject({ roundTrips: 2, syncs: 1 });
    });

    it('a refusal of what a majority holds: one round trip and no sync', async () => {
      expect(await harness.cost(() => create(a.client, 'y'))).toEqual({
        kinds: ['prepare', 'prepare'],
        roundTrips: 1,
        syncs: 0,
        rangeReads: 0,
      });
    });

    it('a write whose prepare ran beside the upload: one round trip more', async () => {
      const preparation = a.client.prepare(key);
      const cost = await harness.cost(() => a.client.change(key, newId(), to('x'), { preparation }));
      expect(cost).toEqual({ kinds: ['accept', 'accept'], roundTrips: 1, syncs: 1, rangeReads: 0 });
    });

    it('a read: one round trip, the value from one replica, and no sync', async () => {
      const remote = createReplicaHarness();
      try {
        await put(remote.nodes[0].client, 'x');
        const cost = await remote.cost(() => remote.nodes[1].client.read(key));
        expect(cost).toEqual({ kinds: ['read', 'read'], roundTrips: 1, syncs: 0, rangeReads: 0 });
        expect(remote.sent.filter(({ request }) => request.kind === 'read' && request.wantValue)).toEqual([]);
      } finally {
        remote.stop();
      }
    });

    it('a page of a listing: one round trip and no sync', async () => {
      const cost = await harness.cost(() => a.client.list({ ring: key.ring, hash: key.hash, from: utf8(''), limit: 10 }));
      expect(cost).toEqual({ kinds: ['scan', 'scan'], roundTrips: 1, syncs: 0, rangeReads: 3 });
    });

    it('a read of what was never written: nothing is written', async () => {
      const fresh = createReplicaHarness();
      try {
        const cost = await fresh.cost(() => fresh.nodes[0].client.read(key));
        expect(cost).toEqual({ kinds: ['read', 'read'], roundTrips: 1, syncs: 0, rangeReads: 0 });
        expect(never(cost.kinds, 'accept') && never(cost.kinds, 'prepare')).toBe(true);
      } finally {
        fresh.stop();
      }
    });
  });

  describe('a retry', () => {
    it('finds its own operation where the accept took effect and only the answers were lost', async () => {
      harness.fate = ({ request }) => (request.kind === 'accept' ? 'lose-reply' : 'deliver');
      const id = newId();
      const writing = put(a.client, 'x', id);
      while (holders() < 3) await textOf(b.client);
      harness.fate = () => 'deliver';
      expect(unwrap(await writing).version).toBe(1);
      expect(unwrap(await b.client.read(key)).version).toBe(1);
      // The same operation once more, from another node.
      expect(unwrap(await put(b.client, 'x', id)).version).toBe(1);
    });

    it('goes on where the record proves that the operation is not in it', async () => {
      let lost = 0;
      harness.fate = ({ from, request }) => (request.kind === 'accept' && from === a.id && ++lost <= 2 ? 'lose' : 'deliver');
      expect(codeOf(await put(a.client, 'x'))).toBe('ok');
      expect(await textOf(b.client)).toBe('x');
    });

    it('answers that it does not know when the history is too short to tell', async () => {
      harness.fate = ({ from, request }) => (request.kind === 'accept' && from === a.id ? 'lose' : 'deliver');
      const writing = put(a.client, 'mine');
      while (harness.sent.every(({ request }) => request.kind !== 'accept')) await textOf(b.client);
      for (let index = 0; index < 20; index++) unwrap(await put(b.client, `other ${index}`));
      harness.fate = () => 'deliver';
      expect(codeOf(await writing)).toBe('OutcomeUnknown');
      expect(await textOf(b.client)).toBe('other 19');
    });

    it('answers that it does not know when tombstones have been purged since', async () => {
      harness.fate = ({ from, request }) => (request.kind === 'accept' && from === a.id ? 'lose-reply' : 'deliver');
      const writing = put(a.client, 'mine');
      while (holders() < 3) await textOf(b.client);
      unwrap(await put(b.client, null));
      expect(await b.client.purge(key)).toBe('purged');
      harness.fate = () => 'deliver';
      // It did take effect, and was deleted: doing it again would bring it back.
      expect(codeOf(await writing)).toBe('OutcomeUnknown');
      expect(await textOf(b.client)).toBeNull();
    });

    it('goes on from an anchor long after names beside it were purged, at a node that knows nothing of that', async () => {
      unwrap(await put(a.client, 'old'));
      const beside = { ...key, key: utf8('beside') };
      for (let index = 0; index < 40; index++) unwrap(await b.client.change(beside, newId(), to(`${index}`)));
      unwrap(await b.client.change(beside, newId(), to(null)));
      expect(await b.client.purge(beside)).toBe('purged');
      const { anchor } = unwrap(await c.client.anchor(key));
      expect(codeOf(await c.client.change(key, newId(), to('new'), { since: anchor }))).toBe('ok');
      expect(await textOf(a.client)).toBe('new');
    });
  });

  it('tell an unknown outcome when the majority is lost after the accept was sent, and a clean failure before', async () => {
    harness.fate = ({ request }) => (request.kind === 'accept' ? 'lose' : 'deliver');
    expect(codeOf(await put(a.client, 'x'))).toBe('OutcomeUnknown');
    harness.fate = () => 'lose';
    expect(codeOf(await put(b.client, 'y'))).toBe('QuorumUnavailable');
    expect(codeOf(await b.client.read(key))).toBe('QuorumUnavailable');
    harness.fate = () => 'deliver';
  });

  it('refuse only on what a majority holds by then', async () => {
    // Only the writer itself holds it.
    harness.fate = ({ request }) => (request.kind === 'accept' ? 'lose' : 'deliver');
    expect(codeOf(await put(a.client, 'x'))).toBe('OutcomeUnknown');
    harness.fate = () => 'deliver';
    const before = holders();
    harness.down.add(c.id);
    const refused = await create(b.client, 'y');
    expect(before).toBe(1);
    expect(codeOf(refused)).toBe('PreconditionFailed');
    expect(holders()).toBe(2);
    harness.down.clear();
    harness.down.add(a.id);
    expect(await textOf(c.client)).toBe('x');
  });

  describe('a read of what only some hold', () => {
    beforeEach(async () => {
      harness.fate = ({ to: receiver, request }) => (request.kind === 'accept' && receiver === c.id ? 'lose' : 'deliver');
      unwrap(await put(a.client, 'x'));
      harness.fate = () => 'deliver';
      harness.down.add(b.id);
      harness.sent.length = 0;
    });

    it('relays it at the same ballot', async () => {
      expect(await textOf(a.client)).toBe('x');
      expect(kindsSent()).toEqual(['read', 'accept']);
      const rows = [a, c].map((node) => [...node.disk.rows.values()][0]);
      expect(compareBallots(rows[0]?.accepted as never, rows[1]?.accepted as never)).toBe(0);
    });

    it('waits a moment only for a third that is silent, however long a message may take', async () => {
      harness.down.clear();
      harness.fate = ({ to: receiver, request }) => (request.kind === 'accept' && receiver !== a.id ? 'lose' : 'deliver');
      expect(codeOf(await put(a.client, 'y'))).toBe('OutcomeUnknown');
      harness.fate = ({ to: receiver }) => (receiver === c.id ? 'lose' : 'deliver');
      const startedMs = harness.clock.monotonicMs();
      expect(await textOf(b.client)).toBe('y');
      // Twice ten grace times, and what is sent again.
      expect(harness.clock.monotonicMs() - startedMs).toBeLessThan(600);
    });

    it('decides it anew when the ballot is of an earlier epoch', async () => {
      harness.regime = { epoch: 2, phase: 'active' };
      expect(await textOf(a.client)).toBe('x');
      expect(kindsSent()).toEqual(['read', 'prepare', 'accept']);
      expect([...c.disk.rows.values()][0]?.accepted.epoch).toBe(2);
    });
  });

  it('are read and written with the other replicas while the own disk cannot be read', async () => {
    unwrap(await put(a.client, 'before'));
    const unreadable = (): never => {
      throw new FailureError(failure('StorageFailed', 'The disk cannot be read.'));
    };
    Object.assign(a.store, { read: unreadable, readBallot: unreadable, scan: unreadable, walk: unreadable });
    harness.down.add(a.id);
    expect(await textOf(a.client)).toBe('before');
    expect(codeOf(await put(a.client, 'after'))).toBe('ok');
    expect(await textOf(b.client)).toBe('after');
    Object.assign(a.store, {
      read: () => {
        throw new TypeError('a defect');
      },
    });
    await expect(put(a.client, 'never')).rejects.toThrow('a defect');
  });

  it('have one change a key under way at each node', async () => {
    const writes = Array.from({ length: 8 }, (_, index) => put(a.client, `w${index}`));
    const outcomes = await Promise.all(writes);
    expect(outcomes.map(codeOf)).toEqual(Array.from({ length: 8 }, () => 'ok'));
    // None lost a ballot to another of the same node.
    expect(harness.sent.filter(({ request }) => request.kind === 'prepare')).toHaveLength(16);
  });

  it('queue up at the first live replica after two lost ballots', async () => {
    await put(a.client, 'first');
    let ahead = 1000;
    let disturbed = 0;
    // Somebody keeps promising away what b has prepared.
    harness.fate = ({ from, request }) => {
      if (from === b.id && request.kind === 'accept' && disturbed++ < 4) {
        for (const node of [a, b, c])
          void node.ask(c.id, { kind: 'prepare', key, ballot: { epoch: 1, counter: (ahead += 10), nodeId: c.id, boot: 1 } });
      }
      return 'deliver';
    };
    expect(codeOf(await put(b.client, 'x'))).toBe('ok');
    expect(a.turnsAsked).toBeGreaterThanOrEqual(1);
    expect([b.turnsAsked, c.turnsAsked]).toEqual([0, 0]);
    // The turn was given back: the first replica's own change need not wait for its end.
    expect(codeOf(await put(a.client, 'y'))).toBe('ok');
  });

  it('wait for a turn that was given away, no longer than it lasts', async () => {
    const unanswered = createReplicaHarness({ turnLeaseMs: 400 });
    try {
      const [first, second] = unanswered.nodes;
      const take = Uint8Array.from([1, 1, 2, 3, 4, 5, 6, 7, 8, 2, 0, 0, 0, 7, ...key.key]);
      expect(await first.client.handleTurn(second.id, take)).toEqual(new Uint8Array([1]));
      const cost = await unanswered.cost(() => put(first.client, 'x'));
      expect(cost.roundTrips).toBeGreaterThan(90);
      expect(cost.roundTrips).toBeLessThan(250);
    } finally {
      unanswered.stop();
    }
  });

  it('refuse a record over 64 KiB and change nothing', async () => {
    const big = (bytes: number): Promise<Outcome<ChangeResult>> =>
      a.client.change(key, newId(), () => ({ kind: 'write', state: utf8('x'), inline: new Uint8Array(bytes) }));
    expect(codeOf(await big(64 * 1024))).toBe('RecordTooLarge');
    expect(await textOf(b.client)).toBeNull();
    expect(codeOf(await big(60_000))).toBe('ok');
  });

  describe('purging', () => {
    beforeEach(async () => {
      unwrap(await put(a.client, 'x'));
      unwrap(await put(a.client, null));
    });

    it('removes a tombstone that every replica holds, and what is written later lives', async () => {
      expect(await b.client.purge(key)).toBe('purged');
      expect(holders()).toBe(0);
      expect(await textOf(c.client)).toBeNull();
      unwrap(await create(c.client, 'again'));
      expect(await textOf(a.client)).toBe('again');
      expect(await a.client.purge(key)).toBe('differs');
      expect(await textOf(a.client)).toBe('again');
    });

    it('waits for a replica that is away, however long, because it may hold what was deleted', async () => {
      unwrap(await put(a.client, 'old'));
      harness.down.add(c.id);
      unwrap(await put(a.client, null));
      expect(await a.client.purge(key)).toBe('not-now');
      harness.down.clear();
      expect(await a.client.purge(key)).toBe('differs');
      expect(holders()).toBe(3);
      expect(codeOf(await a.client.rewrite(key))).toBe('ok');
      expect(await a.client.purge(key)).toBe('purged');
      harness.down.add(a.id);
      expect(await textOf(c.client)).toBeNull();
    });

    it('does nothing while an epoch change is under way', async () => {
      harness.regime = { epoch: 1, phase: 'propose' };
      expect(await a.client.purge(key)).toBe('not-now');
      expect(holders()).toBe(3);
    });
  });

  it('list what differs by reading it, no more than so many a page', async () => {
    const small = createReplicaHarness({ readsPerListPage: 2 });
    try {
      const [first, second, third] = small.nodes;
      const place = (index: number) => ({ ...key, key: utf8(`k${index}`) });
      for (let index = 0; index < 5; index++) unwrap(await first.client.change(place(index), newId(), to(`v${index}`)));
      // Two replicas answer, and the one that was away differs in everything.
      for (const row of [...third.disk.rows.keys()]) third.disk.rows.delete(row);
      small.down.add(second.id);
      const page = unwrap(await first.client.list({ ring: key.ring, hash: key.hash, from: utf8(''), limit: 100 }));
      expect(page.rows.map((row) => utf8Text(row.key))).toEqual(['k0', 'k1']);
      expect([page.more, utf8Text(page.lastKey as Uint8Array)]).toEqual([true, 'k1']);
      // Reading them has brought them back.
      expect(third.disk.rows.size).toBe(2);
    } finally {
      small.stop();
    }
  });
});
