import { beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../backend/base/bytes.ts';
import type { Ballot } from '../../backend/register/ballot.ts';
import { zeroBallot } from '../../backend/register/ballot.ts';
import { registerKeyText } from '../../backend/register/key-text.ts';
import type { RegisterReply, RegisterRequest } from '../../backend/register/messages.ts';
import { absentRecord, decodeRecord, nextValue, type RegisterRecord } from '../../backend/register/record.ts';
import type { RegisterKey, RegisterValue, RegisterWrite } from '../../backend/register/register-store.ts';
import { Monitor } from './monitor.ts';
import { createSimulatedDisk, type SimulatedDisk } from './simulated-register-store.ts';

const group = ['a', 'b', 'c'];
const key: RegisterKey = { ring: 'object', hash: 0, key: utf8('key') };
const ballot = (counter: number): Ballot => ({ epoch: 1, counter, nodeId: 'a', boot: 1 });
const id = (number: number): string => number.toString(16).padStart(32, '0');
const head = { regime: { epoch: 1, phase: 'active' as const }, boot: 1, certificate: null };

/** The value after one more change. */
function next(base: RegisterRecord, operation: number, state: string | null): RegisterValue {
  return nextValue(base, id(operation), {
    state: state === null ? null : utf8(state),
    inline: null,
    result: new Uint8Array(),
    atMs: 1,
  });
}

/** Each rule is broken once: a checker that cannot fail proves nothing. */
describe('the monitor', () => {
  let monitor: Monitor;
  let disk: SimulatedDisk;
  const first = next(absentRecord, 1, 'x');
  const write = (counter: number, value: RegisterValue): RegisterWrite => ({ kind: 'register', key, accepted: ballot(counter), value });

  /** `nodes` accept `value` at that ballot, durably. */
  function accepted(counter: number, value: RegisterValue, nodes: readonly string[] = ['a', 'b']): void {
    for (const node of nodes) {
      monitor.admitted(node, write(counter, value));
      monitor.durable(node, write(counter, value), undefined);
      disk.rows.set(registerKeyText(key), { key, accepted: ballot(counter), value });
    }
  }
  function replied(request: RegisterRequest, reply: RegisterReply, node = 'a'): void {
    monitor.replied(node, disk, request, reply);
  }
  const prepare = (counter: number): RegisterRequest => ({ ...head, kind: 'prepare', key, ballot: ballot(counter) });
  const promised: RegisterReply = { kind: 'promised', accepted: zeroBallot, value: null, floor: zeroBallot };
  const broken = (invariant: number): boolean => monitor.violations.some((text) => text.startsWith(`invariant ${invariant}:`));

  beforeEach(() => {
    monitor = new Monitor(() => group);
    disk = createSimulatedDisk();
  });

  it('has nothing to say about a life in order', () => {
    replied(prepare(1), promised);
    accepted(1, first);
    replied({ ...head, kind: 'accept', key, ballot: ballot(1), value: first }, { kind: 'accepted' });
    accepted(2, next(decodeRecord(first.head), 2, 'y'));
    monitor.finish(new Map());
    expect(monitor.violations).toEqual([]);
    expect(monitor.accepted(id(2))).toBe(true);
    expect(monitor.accepted(id(3))).toBe(false);
  });

  it('2: two values at one ballot', () => {
    accepted(1, first, ['a']);
    accepted(1, next(absentRecord, 2, 'y'), ['b']);
    expect(broken(2)).toBe(true);
  });

  it.each<[string, RegisterValue]>([
    ['a version that falls', first],
    ['another value of the same version', next(decodeRecord(first.head), 9, 'other')],
    [
      'a value that is not built on what was decided',
      next(decodeRecord(next(decodeRecord(next(absentRecord, 8, 'z').head), 9, 'z').head), 10, 'z'),
    ],
  ])('3: %s', (_what, later) => {
    accepted(1, first);
    accepted(2, next(decodeRecord(first.head), 2, 'y'));
    accepted(3, later);
    monitor.finish(new Map());
    expect(broken(3)).toBe(true);
  });

  it('4: an operation that takes effect twice', () => {
    accepted(1, first);
    accepted(2, next(decodeRecord(first.head), 1, 'x'));
    monitor.finish(new Map());
    expect(broken(4)).toBe(true);
  });

  it('5: an operation that was refused, and takes effect', () => {
    accepted(1, first);
    monitor.finish(new Map([[id(1), '412']]));
    expect(broken(5)).toBe(true);
  });

  describe('6', () => {
    it('a promise that falls', () => {
      replied(prepare(5), promised);
      replied(prepare(4), promised);
      expect(broken(6)).toBe(true);
    });

    it('an accept below a promise', () => {
      replied(prepare(5), promised);
      accepted(4, first, ['a']);
      expect(broken(6)).toBe(true);
    });

    it('a durable ceiling or floor that falls', () => {
      const state = (byte: number): RegisterWrite => ({ kind: 'state', name: 'register/promise-ceiling', bytes: Uint8Array.of(1, byte) });
      monitor.durable('a', state(2), undefined);
      monitor.durable('a', state(1), undefined);
      expect(broken(6)).toBe(true);
    });

    it.each<[string, RegisterValue, readonly string[]]>([
      ['what is no tombstone', first, group],
      ['a tombstone that a replica has not got', next(absentRecord, 1, null), ['a', 'b']],
    ])('a purge of %s', (_what, value, holders) => {
      accepted(1, value, holders);
      monitor.durable('a', { kind: 'delete', key }, { accepted: ballot(1), value });
      expect(broken(6)).toBe(true);
    });
  });

  it.each<[string, RegisterRequest, RegisterReply]>([
    ['an accept', { ...head, kind: 'accept', key, ballot: ballot(1), value: first }, { kind: 'accepted' }],
    ['a promise', prepare(2), { kind: 'promised', accepted: ballot(1), value: first, floor: zeroBallot }],
    ['a read', { ...head, kind: 'read', key, wantValue: true }, { kind: 'value', accepted: ballot(1), value: first }],
    [
      'a range',
      { ...head, kind: 'scan', range: { ring: 'object', hash: 0, from: utf8(''), limit: 9 } },
      { kind: 'rows', rows: [{ key: key.key, accepted: ballot(1), head: first.head }], more: false },
    ],
  ])('7: %s that shows what is not on the disk', (_what, request, reply) => {
    replied(request, reply);
    expect(broken(7)).toBe(true);
  });
});
