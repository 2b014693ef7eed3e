import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyBytes, utf8 } from '../../backend/base/bytes.ts';
import { failed, success } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
import type { Ballot } from '../../backend/register/ballot.ts';
import { decodeFence, encodeFence, fenceKeyOf } from '../../backend/register/fences.ts';
import { registerKeyText } from '../../backend/register/key-text.ts';
import type { RegisterReply } from '../../backend/register/messages.ts';
import { absentRecord, nextValue } from '../../backend/register/record.ts';
import type { FenceClaim, RenewedFence } from '../../backend/register/register-client.ts';
import type { RegisterKey, RegisterValue } from '../../backend/register/register-store.ts';
import type { HarnessNode, ReplicaHarness } from './replica-harness.ts';
import { createReplicaHarness } from './replica-harness.ts';

const peer = 'b'.repeat(16);
const group = new Uint8Array(16).fill(9);
const key: RegisterKey = { ring: 'object', hash: 7, key: new Uint8Array([...group, 0x6f, 1]) };
const elsewhere: RegisterKey = { ...key, key: new Uint8Array([...new Uint8Array(16).fill(8), 0x6f, 1]) };
const ballot = (counter: number): Ballot => ({ epoch: 1, counter, nodeId: peer, boot: 1 });
const valueOf = (state: Uint8Array): RegisterValue =>
  nextValue(absentRecord, '0'.repeat(32), { state, inline: null, result: emptyBytes, atMs: 1 });
const within = (generation: number): FenceClaim => ({ kind: 'within', generation });
const beyond = (generation: number): FenceClaim => ({ kind: 'beyond', generation });
const fencedReply = { kind: 'unavailable', reason: 'fenced' };
let operations = 0;
const operationId = (): string => (++operations).toString(16).padStart(32, '0');

let harness: ReplicaHarness;
beforeEach(() => {
  harness = createReplicaHarness();
});
afterEach(() => harness.stop());

describe('an acceptor with a fence', () => {
  let node: HarnessNode;
  beforeEach(() => {
    node = harness.nodes[0];
  });
  const claimed = (fence?: FenceClaim) => (fence === undefined ? {} : { fence });
  const prepare = (counter: number, fence?: FenceClaim): Promise<RegisterReply> =>
    node.ask(peer, { kind: 'prepare', key, ballot: ballot(counter), ...claimed(fence) });
  const accept = (counter: number, fence?: FenceClaim, where = key): Promise<RegisterReply> =>
    node.ask(peer, { kind: 'accept', key: where, ballot: ballot(counter), value: valueOf(utf8('x')), ...claimed(fence) });
  const read = (fence?: FenceClaim): Promise<RegisterReply> => node.ask(peer, { kind: 'read', key, wantValue: true, ...claimed(fence) });
  const scan = (fence?: FenceClaim): Promise<RegisterReply> =>
    node.ask(peer, { kind: 'scan', range: { ring: 'object', hash: 7, from: key.key, limit: 10 }, ...claimed(fence) });
  const raise = (counter: number, height: number): Promise<RegisterReply> =>
    node.ask(peer, { kind: 'accept', key: fenceKeyOf(key), ballot: ballot(counter), value: valueOf(encodeFence(height)) });

  it('turns away whoever knows an older generation, and nobody else', async () => {
    expect(await accept(1, within(1))).toEqual({ kind: 'accepted' });
    await raise(1, 2);
    for (const reply of [await accept(2, within(1)), await prepare(3, within(1)), await read(within(1)), await scan(within(1))])
      expect(reply).toEqual(fencedReply);
    expect(await prepare(4, within(2))).toMatchObject({ kind: 'promised', accepted: ballot(1) });
    expect(await accept(4, within(2))).toEqual({ kind: 'accepted' });
    expect(await read(within(3))).toMatchObject({ accepted: ballot(4) });
    // Whoever brings replicas up to date claims nothing; other buckets have fences of their own.
    expect(await accept(5)).toEqual({ kind: 'accepted' });
    expect(await accept(5, within(1), elsewhere)).toEqual({ kind: 'accepted' });
  });

  it('takes no fence of a format that it cannot read, and goes on', async () => {
    const unreadable = valueOf(new Uint8Array([9, 0, 0, 0, 1]));
    for (let counter = 1; counter <= 3; counter++)
      expect(await node.ask(peer, { kind: 'accept', key: fenceKeyOf(key), ballot: ballot(counter), value: unreadable })).toEqual({
        kind: 'unavailable',
        reason: 'malformed',
      });
    expect(await accept(4, within(1))).toEqual({ kind: 'accepted' });
    expect(node.disk.rows.has(registerKeyText(fenceKeyOf(key)))).toBe(false);
  });

  it('stands from its admission on, in the order of commits: what came before is on the disk with it', async () => {
    await prepare(1);
    const before = accept(2, within(1));
    const raising = raise(1, 2);
    const after = accept(3, within(1));
    expect(await after).toEqual(fencedReply);
    expect(node.disk.rows.size).toBe(0);
    await raising;
    expect(node.disk.rows.has(registerKeyText(key))).toBe(true);
    expect(await before).toEqual({ kind: 'accepted' });
  });

  it('turns an accept away for good, but not one that it has taken already', async () => {
    await accept(1, within(1));
    await raise(1, 2);
    expect(await accept(1, within(1))).toEqual({ kind: 'accepted' });
    expect(await accept(2, within(1))).toEqual(fencedReply);
    expect(await accept(2)).toMatchObject({ kind: 'refused' });
  });

  it('serves those who rely on it only once it is on the disk, also after a restart', async () => {
    const raising = raise(1, 2);
    expect(await scan(beyond(2))).toEqual({ kind: 'unavailable', reason: 'not-fenced' });
    await raising;
    expect(await scan(beyond(2))).toMatchObject({ kind: 'rows' });
    expect(await read(beyond(3))).toEqual({ kind: 'unavailable', reason: 'not-fenced' });
    node.restart();
    expect(await scan(beyond(2))).toMatchObject({ kind: 'rows' });
    expect(await read(within(1))).toEqual(fencedReply);
  });
});

describe('a client before a fence', () => {
  const client = (): HarnessNode['client'] => harness.nodes[0].client;
  const over: RenewedFence = { kind: 'over', failure: failure('NoSuchBucket', 'It was deleted meanwhile.') };
  const raiseAt = async (nodes: readonly HarnessNode[], counter: number, height: number): Promise<void> => {
    for (const node of nodes)
      await node.ask(peer, { kind: 'accept', key: fenceKeyOf(key), ballot: ballot(counter), value: valueOf(encodeFence(height)) });
  };
  const put = (renewed: RenewedFence, beforeAccept = async (): Promise<void> => undefined) => {
    let renewals = 0;
    const renew = (): Promise<RenewedFence> => {
      renewals += 1;
      return Promise.resolve(renewed);
    };
    const changed = client().change(key, operationId(), () => ({ kind: 'write', state: utf8('mine') }), {
      fence: { generation: 1, renew },
      beforeAccept: async () => {
        await beforeAccept();
        return success(undefined);
      },
    });
    return changed.then((outcome) => {
      if (!outcome.ok) expect(outcome.failure.message).not.toContain('..');
      return { code: outcome.ok ? 'ok' : outcome.failure.code, renewals };
    });
  };

  it('goes on in the generation that it is told of', async () => {
    expect(await put(over)).toEqual({ code: 'ok', renewals: 0 });
    await raiseAt(harness.nodes, 1, 2);
    expect(await put({ kind: 'again', generation: 2 })).toEqual({ code: 'ok', renewals: 1 });
    expect(await put(over)).toEqual({ code: 'NoSuchBucket', renewals: 1 });
    expect(await client().read(key, within(1))).toEqual(failed(expect.objectContaining({ code: 'Fenced' })));
    expect(await client().read(key, within(2))).toMatchObject({ ok: true });
    const range = { ring: 'object', hash: 7, from: group, limit: 10 } as const;
    expect(await client().list(range, within(1))).toEqual(failed(expect.objectContaining({ code: 'Fenced' })));
  });

  it('needs no more than a majority on its side of it', async () => {
    await raiseAt([harness.nodes[2]], 1, 2);
    expect(await put(over)).toEqual({ code: 'ok', renewals: 0 });
  });

  it('does not say that nothing happened when a replica took the change before the fence', async () => {
    const [, second, third] = harness.nodes;
    expect(await put(over, () => raiseAt([second, third], 1, 2))).toEqual({ code: 'OutcomeUnknown', renewals: 1 });
  });

  it('lists beyond it only from replicas that hold it', async () => {
    const range = { ring: 'object', hash: 7, from: group, limit: 10 } as const;
    await raiseAt(harness.nodes.slice(1), 1, 2);
    harness.sent.length = 0;
    expect(await client().list(range, beyond(2))).toMatchObject({ ok: true });
    const [first, second] = harness.nodes;
    await raiseAt([first], 1, 1);
    harness.down.add(second.id);
    expect(await client().list(range, beyond(2))).toMatchObject({ ok: false, failure: { code: 'QuorumUnavailable' } });
  });
});

it('a fence that nobody set takes every generation, and another format is not taken for one', () => {
  expect(decodeFence(null)).toBe(0);
  expect(decodeFence(encodeFence(7))).toBe(7);
  expect(() => decodeFence(new Uint8Array([9, 0, 0, 0, 1]))).toThrow('format 9');
});
