import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../backend/base/bytes.ts';
import type { Ballot } from '../../../backend/register/ballot.ts';
import type { RegisterKey, RegisterStore, RegisterWrite } from '../../../backend/register/register-store.ts';

/** A store under test, which can be closed and opened again on what it wrote. */
export interface StoreUnderTest<Store> {
  open(): Promise<Store>;
  dispose(): Promise<void>;
}

const ballot = (counter: number): Ballot => ({ epoch: 1, counter, nodeId: '00112233445566aa', boot: 3 });
const key = (text: string, hash = 7): RegisterKey => ({ ring: 'object', hash, key: utf8(text) });
const put = (at: RegisterKey, head: string, counter = 1, inline: string | null = null): RegisterWrite => ({
  kind: 'register',
  key: at,
  accepted: ballot(counter),
  value: { head: utf8(head), inline: inline === null ? null : utf8(inline) },
});

/** What every `RegisterStore` must do; run by the real store and by the simulator's. */
export function registerStoreContract(name: string, create: () => Promise<StoreUnderTest<RegisterStore>>): void {
  describe(`${name} as a RegisterStore`, () => {
    let subject: StoreUnderTest<RegisterStore>;
    let store: RegisterStore;
    beforeEach(async () => {
      subject = await create();
      store = await subject.open();
    });
    afterEach(async () => {
      await store.close();
      await subject.dispose();
    });

    it('reads what was written, inline bytes apart, and nothing that was not', async () => {
      await store.write([put(key('a'), 'head', 5, 'inline')]);
      const stored = store.read(key('a'));
      expect(stored?.accepted).toEqual(ballot(5));
      expect(store.readBallot(key('a'))).toEqual(ballot(5));
      expect(store.readBallot(key('a', 8))).toBeUndefined();
      expect(utf8Text(stored?.value.head ?? new Uint8Array())).toBe('head');
      expect(utf8Text(stored?.value.inline ?? new Uint8Array())).toBe('inline');
      expect(store.read(key('a', 8))).toBeUndefined();
      expect(store.read({ ...key('a'), ring: 'account' })).toBeUndefined();
    });

    it('keeps the extremes of hash, ballot and key', async () => {
      const highest = { ring: 'container', hash: 0xffff_ffff, key: new Uint8Array(1200).fill(255) } as const;
      const accepted: Ballot = { epoch: 2 ** 31, counter: 2 ** 48 - 1, nodeId: 'ffffffffffffffff', boot: 2 ** 31 };
      await store.write([
        { kind: 'register', key: highest, accepted, value: { head: new Uint8Array(0), inline: new Uint8Array(65_000) } },
        {
          kind: 'register',
          key: key('', 0),
          accepted: { epoch: 0, counter: 0, nodeId: '', boot: 0 },
          value: { head: new Uint8Array(1), inline: null },
        },
      ]);
      expect(store.read(highest)?.accepted).toEqual(accepted);
      expect(store.read(highest)?.value.inline).toHaveLength(65_000);
      expect(store.read(key('', 0))?.accepted).toEqual({ epoch: 0, counter: 0, nodeId: '', boot: 0 });
      expect(store.read(key('', 0))?.value.inline).toBeNull();
    });

    it('deletes every row of a stretch of hashes, and a state goes with it in one batch', async () => {
      const at = (hash: number): RegisterKey => ({ ring: 'object', hash, key: utf8('name') });
      const ballot = { epoch: 1, counter: 1, nodeId: 'aaaaaaaaaaaaaaaa', boot: 1 };
      const value = { head: utf8('head'), inline: utf8('inline') };
      const hashes = [0, 9, 10, 0x8000_0000, 0xffff_ffff];
      await store.write(hashes.map((hash) => ({ kind: 'register', key: at(hash), accepted: ballot, value })));
      await store.write([
        { kind: 'delete-range', ring: 'object', fromHash: 10, toHash: 0xffff_fffe },
        { kind: 'delete-range', ring: 'account', fromHash: 0, toHash: 0xffff_ffff },
        { kind: 'state', name: 'epoch', bytes: utf8('2') },
      ]);
      expect(hashes.filter((hash) => store.read(at(hash)) !== undefined)).toEqual([0, 9, 0xffff_ffff]);
      expect(store.count('object')).toBe(3);
      expect(store.readState('epoch')).toEqual(utf8('2'));
    });

    it('replaces, deletes and counts rows', async () => {
      await store.write([put(key('a'), '1'), put(key('b'), '1'), put({ ...key('c'), ring: 'account' }, '1')]);
      await store.write([put(key('a'), '2', 2, 'i')]);
      await store.write([put(key('a'), '3', 3)]);
      expect(store.count('object')).toBe(2);
      expect(store.read(key('a'))?.value.inline).toBeNull();
      await store.write([
        { kind: 'delete', key: key('b') },
        { kind: 'delete', key: key('never there') },
      ]);
      expect(store.read(key('b'))).toBeUndefined();
      expect([store.count('object'), store.count('account'), store.count('container')]).toEqual([1, 1, 0]);
    });

    it('scans one hash in the order of bytes, from included, to excluded, and says when the limit cut it', async () => {
      // UTF-16 order would put the emoji before the full-width letter.
      const names = ['a', 'a/', 'a/b', 'b', '\u{ff21}', '\u{1f600}'];
      await store.write([...names].reverse().map((text) => put(key(text), text, 1, 'inline')));
      await store.write([put(key('b', 8), 'other hash')]);
      const scan = (from: string, to: string | undefined, limit: number) => {
        const { rows, more } = store.scan({
          ring: 'object',
          hash: 7,
          from: utf8(from),
          ...(to === undefined ? {} : { to: utf8(to) }),
          limit,
        });
        return { keys: rows.map((row) => utf8Text(row.key)), more };
      };
      expect(scan('', undefined, 10)).toEqual({ keys: names, more: false });
      expect(scan('', undefined, 6)).toEqual({ keys: names, more: false });
      expect(scan('', undefined, 5)).toEqual({ keys: names.slice(0, 5), more: true });
      expect(scan('a/', 'b', 10)).toEqual({ keys: ['a/', 'a/b'], more: false });
      expect(scan('a/', 'b', 1)).toEqual({ keys: ['a/'], more: true });
      const range = { ring: 'object', hash: 7, from: utf8('a/'), limit: 2 } as const;
      const whole = store.scan(range);
      expect(whole.rows.every((row) => row.head.length > 0)).toBe(true);
      const ballots = whole.rows.map((row) => ({ ...row, head: new Uint8Array(0) }));
      expect(store.scan({ ...range, ballotsOnly: true })).toEqual({ rows: ballots, more: true });
      expect(store.scan({ ...range, to: utf8('b'), ballotsOnly: true })).toEqual({ rows: ballots, more: false });
    });

    it('walks a range of hashes, both ends included, and goes on after a row', async () => {
      const rows = [1, 2, 2, 5, 0xffff_ffff].map((hash, index) => key(`k${index}`, hash));
      await store.write(rows.map((row) => put(row, 'h', 1, 'four')));
      await store.write([put({ ...key('x', 2), ring: 'container' }, 'h')]);
      const walk = (fromHash: number, toHash: number, limit: number, after?: RegisterKey) =>
        store.walk({ ring: 'object', fromHash, toHash, limit, ...(after === undefined ? {} : { after }) });
      expect(walk(0, 0xffff_ffff, 10).map((row) => row.key.hash)).toEqual([1, 2, 2, 5, 0xffff_ffff]);
      expect(walk(0, 0xffff_ffff, 10).map((row) => row.inlineBytes)).toEqual([4, 4, 4, 4, 4]);
      expect(walk(2, 5, 10).map((row) => utf8Text(row.key.key))).toEqual(['k1', 'k2', 'k3']);
      expect(walk(2, 5, 2).map((row) => utf8Text(row.key.key))).toEqual(['k1', 'k2']);
      expect(walk(2, 5, 10, rows[1]).map((row) => utf8Text(row.key.key))).toEqual(['k2', 'k3']);
      expect(walk(0, 4, 10, rows[2])).toEqual([]);
    });

    it('keeps named states', async () => {
      expect(store.readState('ceiling')).toBeUndefined();
      await store.write([{ kind: 'state', name: 'ceiling', bytes: utf8('1') }]);
      await store.write([
        { kind: 'state', name: 'ceiling', bytes: utf8('2') },
        { kind: 'state', name: 'other', bytes: new Uint8Array(0) },
      ]);
      expect(utf8Text(store.readState('ceiling') ?? new Uint8Array())).toBe('2');
      expect(store.readState('other')).toHaveLength(0);
      await store.write([{ kind: 'state', name: 'ceiling', bytes: null }]);
      expect(store.readState('ceiling')).toBeUndefined();
    });

    it('shows a batch only when it is committed, and batches in the order of the calls', async () => {
      const seen: string[] = [];
      const writes = ['1', '2', '3'].map((head) => store.write([put(key('a'), head)]).then(() => seen.push(head)));
      expect(store.read(key('a'))).toBeUndefined();
      await Promise.all(writes);
      expect(seen).toEqual(['1', '2', '3']);
      expect(utf8Text(store.read(key('a'))?.value.head ?? new Uint8Array())).toBe('3');
    });

    it('has everything acknowledged after it was closed and opened again', async () => {
      const many = Array.from({ length: 300 }, (_, index) =>
        store.write([put(key(`k${index}`, index), 'h'), { kind: 'state', name: `s${index}`, bytes: utf8('x') }]),
      );
      await Promise.all(many);
      await store.close();
      store = await subject.open();
      expect(store.count('object')).toBe(300);
      expect(store.readState('s299')).toEqual(utf8('x'));
      expect(store.walk({ ring: 'object', fromHash: 0, toHash: 0xffff_ffff, limit: 1000 })).toHaveLength(300);
    });

    it('writes what was queued before it closes', async () => {
      const write = store.write([put(key('late'), 'h')]);
      const closed = store.close();
      await write;
      await closed;
      store = await subject.open();
      expect(store.read(key('late'))).toBeDefined();
    });

    it('refuses to write after it was closed', async () => {
      await store.close();
      await expect(store.write([put(key('a'), 'h')])).rejects.toThrow();
      store = await subject.open();
      expect(store.read(key('a'))).toBeUndefined();
    });
  });
}
