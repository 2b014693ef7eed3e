import { describe, expect, it } from 'vitest';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, unwrap, type Outcome } from '../../base/outcome.ts';
import { MembershipList } from '../../cloud-service/admin-cloud-controller/membership-list.ts';
import { createTestAuthority, memoryDocuments } from '../../cloud-service/testing/test-authority.ts';
import { failure } from '../../contracts/errors.ts';
import type { MembershipUpdate } from '../../contracts/membership.ts';
import { openEventLog } from '../events/event-log.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { createListTakeOver } from './list-take-over.ts';
import { createMembershipPusher } from './pusher.ts';
import { createSignedList } from './signed-list.ts';

const clusterId = 'ab'.repeat(16);
const idOf = (index: number): string => newNode(index).id;
const everybody = [1, 2, 3, 4] as const;

/** A registry of four nodes, and another one that was started from a copy of its data. */
function registryAndCopy(): { there: Registry; here: Registry } {
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  const there = openRegistry({ clock, documents, clusterId });
  for (const index of everybody) there.add(newNode(index));
  const copied = createMemoryDocumentStore();
  for (const collection of ['nodes', 'revocations', 'controller'])
    copied.commit(documents.list<object>(collection).map(({ key, document }) => ({ kind: 'put', collection, key, document })));
  return { there, here: openRegistry({ clock, documents: copied, clusterId }) };
}

/** The restored Controller's lists over `here`, and node 1, which holds what `there` has told it. */
async function restored(here: Registry, there: Registry) {
  const clock = createManualClock();
  const authority = await createTestAuthority(clusterId);
  const { pki } = authority;
  const controllerCertificatePem = (): string => authority.controllerCertificatePem;
  const events = openEventLog({ clock, documents: createMemoryDocumentStore(), logger: silentLogger });
  const told: string[] = [];
  events.onEvent(({ message }) => told.push(message));
  const signedList = createSignedList({ pki, keyPem: authority.controllerKeyPem, current: () => here.membership });
  const list = new MembershipList({ documents: memoryDocuments(), pki, clusterId, controllerCertificatePem });
  unwrap(await list.apply(await authority.update(there.membership)));
  const calls: string[] = [];
  const node: { isThere: boolean; digest?: string } = { isThere: true };

  async function ask(sinceVersion: number): Promise<void> {
    const applied = unwrap(await list.apply(await signedList.updateSince(sinceVersion)));
    if (applied.kind === 'gap' && applied.version !== sinceVersion) await ask(applied.version);
  }
  async function answer(method: string, body: unknown): Promise<Outcome<unknown>> {
    calls.push(method);
    if (method === 'membership-whole') return success(list.whole());
    const applied = unwrap(await list.apply(body as MembershipUpdate));
    if (applied.kind === 'gap') await ask(applied.version);
    return success({ version: list.version });
  }
  const call: ClusterRpcClient['call'] = ({ expected }, method, body) =>
    expected.kind === 'node' && expected.nodeId === idOf(1) && node.isThere
      ? answer(method, body)
      : Promise.resolve(failed(failure('Unreachable', 'It is away.')));
  const rpc = { call } as ClusterRpcClient;
  const takeOver = createListTakeOver({
    ...{ clock, logger: silentLogger, clusterId, registry: here, signedList, events, rpc, pki, controllerCertificatePem },
  });
  const { cluster: url } = newNode(1).addresses;
  const pusher = createMembershipPusher({
    ...{ clock, logger: silentLogger, registry: here, signedList, rpc },
    random: { fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
    countPush: () => undefined,
    onOtherHistory: (nodeId) => takeOver.takeOver({ nodeId, name: 'node-1', url }),
  });
  /** What a probe finds. */
  const probe = async (): Promise<void> => {
    if (!node.isThere) return;
    const digest = node.digest ?? list.digest;
    pusher.noteVersion(idOf(1), list.version);
    await takeOver.look(idOf(1), { membershipVersion: list.version, ...(digest === undefined ? {} : { membershipDigest: digest }) });
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  /** Some seconds of probes, pushes and retries. */
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await clock.advance(1000);
      await settle();
      if (second % 2 === 1) await probe();
      await settle();
    }
  };
  return { node, list, calls, told, signedList, pusher, takeOver, seconds };
}

describe('a restored Controller and a node that knows more', () => {
  const joinAndFence = (there: Registry): void => {
    there.add(newNode(5));
    there.revoke([idOf(4)], 'stolen');
  };
  const suspectEverybody = (here: Registry): void => {
    for (const index of everybody) here.update(idOf(index), { state: 'suspect' });
  };
  const expectBoth = (here: Registry, list: MembershipList): void => {
    expect(list.version).toBe(here.version);
    for (const known of [here.membership.nodes, list.nodes]) expect(known.map(({ id }) => id)).toContain(idOf(5));
    expect([here.isRevoked(idOf(4)), list.isRefused(idOf(4))]).toEqual([true, true]);
  };

  it('a whole list that is pushed before anything was heard of the node takes nothing from it', async () => {
    const { there, here } = registryAndCopy();
    joinAndFence(there);
    const { node, list, seconds, told, pusher } = await restored(here, there);
    node.isThere = false;
    suspectEverybody(here);
    await seconds(1);
    node.isThere = true;
    await seconds(8);
    expectBoth(here, list);
    expect(told).toEqual([expect.stringContaining('It took over 1 Cloud Services, 1 removals')]);
    pusher.stop();
  });

  it('nor does the answer to an announcement', async () => {
    const { there, here } = registryAndCopy();
    joinAndFence(there);
    suspectEverybody(here);
    const { list, seconds, signedList, pusher } = await restored(here, there);
    unwrap(await list.apply(await signedList.updateSince(list.version)));
    unwrap(await list.apply(await signedList.updateSince(0)));
    expect(list.isRefused(idOf(4))).toBe(true);
    pusher.noteVersion(idOf(1), here.version);
    await seconds(8);
    expectBoth(here, list);
    pusher.stop();
  });

  it('a node whose list is older and does not lead to the present one gets it all the same, and every fence after it', async () => {
    const { there, here } = registryAndCopy();
    there.update(idOf(2), { state: 'suspect' });
    there.update(idOf(2), { state: 'healthy' });
    suspectEverybody(here);
    const { list, seconds, pusher } = await restored(here, there);
    await seconds(6);
    expect(list.version).toBe(here.version);
    here.revoke([idOf(3)], 'stolen');
    await seconds(4);
    expect(list.isRefused(idOf(3))).toBe(true);
    pusher.stop();
  });

  it('one that was fenced in both, for other reasons, is fenced in one list', async () => {
    const { there, here } = registryAndCopy();
    there.revoke([idOf(4)], 'at noon');
    here.revoke([idOf(4)], 'in the evening');
    const { list, seconds, pusher } = await restored(here, there);
    await seconds(6);
    expect(list.version).toBe(here.version);
    expect(list.whole()?.revocations).toEqual(here.membership.revocations);
    pusher.stop();
  });

  it('one that shows a wrong digest raises no version, and is asked once a minute', async () => {
    const { there, here } = registryAndCopy();
    const { node, calls, told, seconds, pusher } = await restored(here, there);
    node.digest = 'f'.repeat(64);
    const { version } = here;
    await seconds(20);
    expect(here.version).toBe(version);
    expect(calls).toEqual(['membership-whole']);
    expect(told).toEqual([]);
    pusher.stop();
  });
});
