import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { Membership } from '../../contracts/membership.ts';
import { createTestAuthority } from '../../cloud-service/testing/test-authority.ts';
import { openEventLog } from '../events/event-log.ts';
import { openRegistry } from '../registry/registry.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { createListTakeOver } from './list-take-over.ts';
import { createSignedList } from './signed-list.ts';

const clusterId = 'ab'.repeat(16);
const one = newNode(1).id;

/** A Controller's part with one node on the list, which answers what `answer` gives. */
async function setUp() {
  const authority = await createTestAuthority(clusterId);
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  const registry = openRegistry({ clock, random: createSystemRandom(), documents, clusterId });
  registry.add(newNode(1));
  const events = openEventLog({ clock, documents, logger: silentLogger });
  const told: string[] = [];
  const messages: string[] = [];
  events.onEvent(({ kind, message }) => {
    told.push(kind);
    messages.push(message);
  });
  const asked: string[] = [];
  /** `slow`: whose call is answered only when the test says so. */
  const slow = new Map<string, (answer: Outcome<unknown>) => void>();
  const isSlow = (url: string): boolean => url.includes('slow');
  const node: { answer: Outcome<unknown> } = { answer: failed(failure('NotFound', 'There is no such call.')) };
  const rpc: Pick<ClusterRpcClient, 'call'> = {
    call: (target, method) => {
      asked.push(`${method} ${String(target.url)}`);
      return isSlow(target.url) ? new Promise((resolve) => slow.set(target.url, resolve)) : Promise.resolve(node.answer);
    },
  };
  const signedList = createSignedList({ pki: authority.pki, keyPem: authority.controllerKeyPem, current: () => registry.membership });
  const takeOver = createListTakeOver({
    clock,
    logger: silentLogger,
    clusterId,
    registry,
    signedList,
    events,
    rpc: rpc as ClusterRpcClient,
    pki: authority.pki,
    controllerCertificatePem: () => authority.controllerCertificatePem,
  });
  /** What another history of the same Controller had made of the list. */
  const elsewhere = (version: number): Membership => {
    const other = openRegistry({ clock, random: createSystemRandom(), documents: createMemoryDocumentStore(), clusterId });
    other.add(newNode(1));
    other.add(newNode(2));
    return { ...other.membership, version };
  };
  return { authority, clock, slow, registry, events, told, messages, asked, node, signedList, takeOver, elsewhere };
}

describe('lists that this Controller has not made', () => {
  it('are taken over when a node shows a higher version, or the same with another digest', async () => {
    const { authority, registry, events, told, asked, node, signedList, takeOver, elsewhere } = await setUp();
    const { version } = registry;
    await takeOver.look(one, { membershipVersion: version - 1, membershipDigest: 'f'.repeat(64) });
    await takeOver.look(one, { membershipVersion: version, membershipDigest: await signedList.digest() });
    await takeOver.look(one, { membershipVersion: version });
    expect(asked).toEqual([]);
    node.answer = success(await authority.update(elsewhere(version)));
    await takeOver.look(one, { membershipVersion: version, membershipDigest: 'f'.repeat(64) });
    expect(asked).toEqual([`membership-whole ${newNode(1).addresses.cluster}`]);
    expect(registry.membership.nodes.map(({ id }) => id)).toEqual([one, newNode(2).id]);
    expect(registry.version).toBe(version + 1);
    node.answer = success(await authority.update(elsewhere(version + 10)));
    await takeOver.look(one, { membershipVersion: version + 10 });
    expect(registry.version).toBe(version + 11);
    events.stop();
    // Nothing was new in the second one.
    expect(told).toEqual(['node.list']);
  });

  it('are left alone when somebody else has signed them, when they belong elsewhere, or when they were changed', async () => {
    const { authority, registry, node, takeOver, elsewhere } = await setUp();
    const { version } = registry;
    const stranger = await createTestAuthority(clusterId);
    const good = await authority.update(elsewhere(version + 5));
    for (const answer of [
      await stranger.update(elsewhere(version + 5)),
      { ...good, clusterId: 'cd'.repeat(16) },
      { ...good, changed: good.changed.slice(1) },
      { ...good, version: 'x' },
    ]) {
      node.answer = success(answer);
      await takeOver.look(one, { membershipVersion: version + 5 });
      expect(registry.version).toBe(version);
    }
  });

  it('are asked for one at a time, and not at all after the end', async () => {
    const { authority, registry, asked, node, takeOver, elsewhere } = await setUp();
    node.answer = success(await authority.update(elsewhere(registry.version + 5)));
    const seen = { membershipVersion: registry.version + 5 };
    await Promise.all([takeOver.look(one, seen), takeOver.look(one, seen)]);
    expect(asked).toHaveLength(1);
    await takeOver.stop();
    await takeOver.look(one, { membershipVersion: registry.version + 5 });
    expect(asked).toHaveLength(1);
  });

  it('are asked for again after some seconds when they could not be fetched, but after a minute when nothing was new in them', async () => {
    const { authority, clock, registry, asked, node, takeOver } = await setUp();
    const seen = { membershipVersion: registry.version, membershipDigest: 'f'.repeat(64) };
    const lookFor = async (seconds: number): Promise<number> => {
      asked.length = 0;
      for (let second = 0; second < seconds; second++) {
        await takeOver.look(one, seen);
        await clock.advance(1_000);
      }
      return asked.length;
    };
    node.answer = failed(failure('Timeout', 'It did not answer in time.'));
    expect(await lookFor(12)).toBe(4);
    node.answer = success(await authority.update(registry.membership));
    expect(await lookFor(59)).toBe(1);
  });

  it('are told of when something was new in them, or when the administrator has to begin a drain again', async () => {
    const { authority, clock, registry, told, node, takeOver } = await setUp();
    const look = async (state: 'healthy' | 'draining'): Promise<void> => {
      const version = registry.version + 5;
      const nodes = registry.membership.nodes.map((entry) => ({ ...entry, state }));
      node.answer = success(
        await authority.update({ ...registry.membership, nodes, version, lineage: [{ start: 'a'.repeat(8), version }] }),
      );
      await takeOver.look(one, { membershipVersion: version });
      expect(registry.version).toBe(version + 1);
      await clock.advance(1_000);
    };
    await look('healthy');
    expect(told).toEqual([]);
    await look('draining');
    expect(told).toEqual(['node.list']);
    registry.update(one, { state: 'draining' });
    await look('draining');
    expect(told).toEqual(['node.list']);
  });

  it('are told of once when they could not be fetched for a minute, and again when that begins anew', async () => {
    const { authority, clock, registry, messages, node, takeOver, elsewhere } = await setUp();
    const lookFor = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        await takeOver.look(one, { membershipVersion: registry.version + 5 });
        await clock.advance(1_000);
      }
    };
    const timeout = failed(failure('Timeout', 'It did not answer in time.'));
    node.answer = timeout;
    await lookFor(58);
    expect(messages).toEqual([]);
    await lookFor(120);
    const expected = expect.stringMatching(/could not be fetched for a minute.*It did not answer in time\.$/) as string;
    expect(messages).toEqual([expected]);
    // It was away for so long that nobody asked it.
    await clock.advance(600_000);
    await lookFor(58);
    expect(messages).toHaveLength(1);
    await lookFor(5);
    expect(messages).toEqual([expected, expected]);
    node.answer = success(await authority.update(elsewhere(registry.version + 5)));
    await lookFor(4);
    expect(messages).toHaveLength(3);
    await clock.advance(60_000);
    node.answer = timeout;
    await lookFor(58);
    expect(messages).toHaveLength(3);
    await lookFor(5);
    expect(messages).toEqual([expected, expected, expect.anything(), expected]);
  });

  it('of slow nodes do not keep those of others waiting, and no more than a few are asked for at once', async () => {
    const { authority, registry, asked, slow, node, takeOver, elsewhere } = await setUp();
    node.answer = success(await authority.update(elsewhere(registry.version + 5)));
    const holder = (name: string) => ({ nodeId: name, name, url: `https://${name}` });
    const waiting = [1, 2, 3].map((index) => takeOver.takeOver(holder(`slow-${index}`)));
    await takeOver.takeOver(holder('stranger'));
    expect(registry.get(newNode(2).id)).toBeDefined();
    for (let index = 4; index <= 20; index++) waiting.push(takeOver.takeOver(holder(`slow-${index}`)));
    await new Promise(setImmediate);
    expect(slow.size).toBe(8);
    while (slow.size > 0) {
      for (const [url, answer] of slow) {
        slow.delete(url);
        answer(failed(failure('Timeout', 'It did not answer in time.')));
      }
      await new Promise(setImmediate);
    }
    await Promise.all(waiting);
    expect(asked).toHaveLength(21);
  });
});
