import { beforeEach, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { Clock } from '../../base/clock.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import { silentLogger } from '../../base/logger.ts';
import type { PeerReply, PeerTransport } from '../../base/peer-transport.ts';
import type { PingMessage } from '../../contracts/cluster-messages.ts';
import { decodeJson, encodeJson } from './message.ts';
import { Peers } from './peers.ts';

const ids = ['a', 'b', 'c', 'd'];
const ping: PingMessage = { membershipVersion: 1, epoch: 1, freeBytes: 1, serving: true };

let now: number;
let tasks: { dueMs: number; run: () => void }[];
let silent: Set<string>;
let notServing: Set<string>;
let asked: string[];
let peers: Peers;
let reunited: number;
let returned: string[];
let missedWrites: number;
/** Boot numbers that the others tell. */
let boots: Map<string, number>;
/** Whom a ping told that it has missed writes. */
let told: string[];

/** A ping of another node arrives. */
let hear: (from: string, message: PingMessage) => unknown;

const clock: Clock = {
  nowMs: () => now,
  monotonicMs: () => now,
  schedule: (delayMs, run) => {
    const task = { dueMs: now + delayMs, run };
    tasks.push(task);
    return { cancel: () => (tasks = tasks.filter((other) => other !== task)) };
  },
};

/** Time goes on in one step, as for a process that was stopped meanwhile. */
function jump(ms: number): void {
  now += ms;
  const due = tasks.filter((task) => task.dueMs <= now);
  tasks = tasks.filter((task) => task.dueMs > now);
  for (const task of due) task.run();
}

beforeEach(() => {
  now = 1_000_000;
  tasks = [];
  silent = new Set();
  notServing = new Set();
  asked = [];
  reunited = 0;
  returned = [];
  missedWrites = 0;
  boots = new Map();
  told = [];
  const transport: PeerTransport = {
    request: (id, _channel, payload): Promise<PeerReply> => {
      asked.push(id);
      if ((decodeJson(payload) as PingMessage).missedWrites === true) told.push(id);
      const answer = { ...ping, serving: !notServing.has(id), boot: boots.get(id) };
      return Promise.resolve(silent.has(id) ? { kind: 'timeout', reason: 'silent' } : { kind: 'reply', payload: encodeJson(answer) });
    },
    handle: (_channel, handler) => {
      hear = (from, message) => handler(from, encodeJson(message));
      return toDisposable(() => undefined);
    },
  };
  const random = createSystemRandom();
  peers = new Peers({ clock, random, logger: silentLogger, transport, others: () => ids, ownPing: () => ping, onSeen: () => undefined });
  peers.reunited.on(() => reunited++);
  peers.returned.on((id) => returned.push(id));
  peers.missedWrites.on(() => missedWrites++);
  peers.start();
});

it('tells of a peer that answers again, once', async () => {
  for (const id of ids) await peers.ping(id);
  silent.add('b');
  await peers.ping('b');
  expect(peers.isReachable('b')).toBe(false);
  silent.clear();
  await peers.ping('b');
  await peers.ping('b');
  expect([returned, reunited]).toEqual([['b'], 0]);
});

it('tells of a peer that was started again though it always answered', async () => {
  boots.set('b', 3);
  await peers.ping('b');
  await peers.ping('b');
  expect(returned).toEqual([]);
  boots.set('b', 4);
  await peers.ping('b');
  await peers.ping('b');
  expect(returned).toEqual(['b']);
});

it('tells a peer that it missed writes until it has answered, once, and asks it in every period', async () => {
  silent.add('b');
  peers.noteUnheardWrite('b');
  await peers.ping('b');
  await peers.ping('b');
  expect(told).toEqual(['b', 'b']);
  silent.clear();
  asked = [];
  jump(2_500);
  expect(asked).toContain('b');
  await peers.ping('b');
  await peers.ping('b');
  expect(told).toEqual(['b', 'b', 'b']);
});

it('hears that it missed writes', () => {
  hear('c', ping);
  expect(missedWrites).toBe(0);
  hear('c', { ...ping, missedWrites: true });
  expect(missedWrites).toBe(1);
});

it('tells when it was cut off from most and reaches them again', async () => {
  for (const id of ids.slice(0, 3)) silent.add(id);
  for (const id of ids) await peers.ping(id);
  silent.clear();
  for (const id of ids) await peers.ping(id);
  expect(reunited).toBe(1);
});

it('tells when this process stood still, not when it is merely busy', () => {
  for (let period = 0; period < 5; period++) jump(2_500);
  expect(reunited).toBe(0);
  jump(20_000);
  expect(reunited).toBe(1);
  jump(2_500);
  expect(reunited).toBe(1);
});

it('knows who does not serve, and asks it in every period until it does', async () => {
  expect(peers.sight('b').serving).toBeUndefined();
  notServing.add('b');
  for (const id of ids) await peers.ping(id);
  expect(peers.isReachable('b')).toBe(true);
  expect(ids.map((id) => peers.sight(id).serving)).toEqual([true, false, true, true]);
  for (let period = 0; period < 20; period++) {
    asked = [];
    jump(2_500);
    expect(asked).toContain('b');
    await peers.ping('b');
  }
});
