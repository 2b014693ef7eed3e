import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { Lineage } from '../../contracts/lineage.ts';
import { createTestAuthority, memoryDocuments, testNodeEntry, testNodeId } from '../testing/test-authority.ts';
import { MembershipList } from './membership-list.ts';

async function setUp() {
  const authority = await createTestAuthority();
  const documents = memoryDocuments();
  const open = () =>
    new MembershipList({
      documents,
      pki: authority.pki,
      clusterId: authority.clusterId,
      controllerCertificatePem: () => authority.controllerCertificatePem,
    });
  return { authority, documents, open, list: open() };
}

const one = testNodeEntry(1);
const two = testNodeEntry(2, { changedInVersion: 2 });

describe('MembershipList', () => {
  it('applies whole lists and differences, and keeps them over a restart', async () => {
    const { authority, list, open } = await setUp();
    const versions: number[] = [];
    list.changed.on((held) => versions.push(held.version));
    expect(unwrap(await list.apply(await authority.update({ version: 1, nodes: [one], revocations: [] })))).toEqual({
      kind: 'applied',
      version: 1,
    });
    const difference = await authority.update({ version: 2, nodes: [one, two], revocations: [] }, 1);
    expect(difference.changed).toHaveLength(1);
    expect(unwrap(await list.apply(difference))).toEqual({ kind: 'applied', version: 2 });
    expect(versions).toEqual([1, 2]);
    const again = open();
    expect(again.version).toBe(2);
    expect(again.nodes.map((node) => node.id)).toEqual([testNodeId(1), testNodeId(2)]);
    expect(again.node(testNodeId(2))?.parameters.name).toBe('cloud-2');
  });

  it('ignores what is stale and asks when something is missing', async () => {
    const { authority, list } = await setUp();
    const nodes = [one, two];
    expect(unwrap(await list.apply(await authority.update({ version: 3, nodes, revocations: [] }, 2)))).toEqual({
      kind: 'gap',
      version: 0,
    });
    unwrap(await list.apply(await authority.update({ version: 3, nodes, revocations: [] })));
    expect(unwrap(await list.apply(await authority.update({ version: 2, nodes: [one], revocations: [] })))).toEqual({
      kind: 'stale',
      version: 3,
    });
    expect(list.nodes).toHaveLength(2);
  });

  it('asks for the whole list when a difference does not lead to the signed digest', async () => {
    const { authority, list } = await setUp();
    unwrap(await list.apply(await authority.update({ version: 1, nodes: [one], revocations: [] })));
    const other = testNodeEntry(1, { state: 'down' });
    expect(unwrap(await list.apply(await authority.update({ version: 2, nodes: [other, two], revocations: [] }, 1)))).toEqual({
      kind: 'gap',
      version: 0,
    });
    expect(list.version).toBe(1);
  });

  it('refuses a changed list, a foreign signature and another cluster', async () => {
    const { authority, list } = await setUp();
    const good = await authority.update({ version: 1, nodes: [one], revocations: [] });
    const foreign = await (await createTestAuthority()).update({ version: 1, nodes: [one], revocations: [] });
    const elsewhere = await (await createTestAuthority('cd'.repeat(16))).update({ version: 1, nodes: [one], revocations: [] });
    const codes = [];
    for (const update of [{ ...good, changed: [{ ...one, state: 'down' }] }, foreign, elsewhere, { ...good, version: 'x' }]) {
      const applied = await list.apply(update);
      codes.push(applied.ok ? 'ok' : applied.failure.code);
    }
    expect(codes).toEqual(['InvalidArgument', 'WrongCluster', 'WrongCluster', 'InvalidArgument']);
    expect(list.version).toBe(0);
  });

  it('takes revocations as differences, and forgets none', async () => {
    const { authority, list, open } = await setUp();
    const revoked = (number: number, version: number) => testNodeEntry(number, { state: 'removed', changedInVersion: version });
    const first = { nodeId: testNodeId(1), reason: 'lost', atMs: 1 };
    const second = { nodeId: testNodeId(2), reason: 'stolen', atMs: 2 };
    unwrap(await list.apply(await authority.update({ version: 1, nodes: [revoked(1, 1), testNodeEntry(2)], revocations: [first] })));
    const difference = await authority.update({ version: 2, nodes: [revoked(1, 1), revoked(2, 2)], revocations: [first, second] }, 1);
    expect(difference.revocations).toEqual([second]);
    expect(unwrap(await list.apply(difference))).toEqual({ kind: 'applied', version: 2 });
    expect(open().whole()?.revocations).toEqual([first, second]);
  });

  it('leaves a newer list alone that lacks somebody, or a removal, that is known here', async () => {
    const { authority, list } = await setUp();
    const removed = testNodeEntry(2, { state: 'removed', changedInVersion: 2 });
    const revocations = [{ nodeId: testNodeId(2), reason: 'stolen', atMs: 1 }];
    unwrap(await list.apply(await authority.update({ version: 2, nodes: [one, removed], revocations })));
    const three = testNodeEntry(3, { changedInVersion: 3 });
    for (const lacking of [
      { nodes: [one, three], revocations: [] },
      { nodes: [one, removed, three], revocations: [] },
      { nodes: [one, { ...removed, state: 'healthy' as const }, three], revocations },
    ])
      expect(unwrap(await list.apply(await authority.update({ version: 9, ...lacking })))).toEqual({ kind: 'other-history', version: 2 });
    expect(list.isRefused(testNodeId(2))).toBe(true);
    expect(unwrap(await list.apply(await authority.update({ version: 9, nodes: [one, removed, three], revocations })))).toEqual({
      kind: 'applied',
      version: 9,
    });
  });

  it('leaves a newer list alone that does not follow from its own, though nobody is missing in it', async () => {
    const { authority, list, open } = await setUp();
    const made = (start: string, version: number) => ({ start: start.repeat(8), version });
    const nodes = [one, two];
    const revocations: [] = [];
    unwrap(await list.apply(await authority.update({ version: 5, nodes, revocations, lineage: [made('a', 5)] })));
    const offered = async (lineage: Lineage): Promise<string> => {
      const applied = await open().apply(await authority.update({ version: 9, nodes, revocations, lineage }, 5));
      return applied.ok ? applied.value.kind : applied.failure.code;
    };
    expect(await offered([made('b', 9)])).toBe('other-history');
    expect(await offered([made('a', 4), made('b', 9)])).toBe('other-history');
    expect(await offered([made('a', 5), made('b', 9)])).toBe('applied');
    expect(open().whole()?.lineage?.starts).toEqual([made('a', 5), made('b', 9)]);
  });

  it('refuses a lineage that the Controller has not signed, and takes a list of an earlier release, which has none', async () => {
    const { authority, list } = await setUp();
    const lineage = [{ start: 'a'.repeat(8), version: 5 }];
    const update = await authority.update({ version: 5, nodes: [one], revocations: [], lineage });
    const starts = [{ start: 'b'.repeat(8), version: 5 }];
    const forged = { ...update, lineage: { starts, signature: update.lineage?.signature } };
    expect(await list.apply(forged)).toMatchObject({ ok: false, failure: { code: 'WrongCluster' } });
    unwrap(await list.apply(update));
    const earlier = await authority.update({ version: 6, nodes: [one, two], revocations: [] });
    expect(unwrap(await list.apply(earlier))).toEqual({ kind: 'applied', version: 6 });
    expect(list.whole()).not.toHaveProperty('lineage');
  });

  it('takes a list without a lineage from peers only while it holds none with one, and from the Controller always', async () => {
    const { authority, list } = await setUp();
    const nodes = [one, two];
    const revocations: [] = [];
    const earlier = async (version: number) => authority.update({ version, nodes, revocations });
    expect(unwrap(await list.applyFromPeer(await earlier(3)))).toEqual({ kind: 'applied', version: 3 });
    const start = 'a'.repeat(8);
    unwrap(await list.applyFromPeer(await authority.update({ version: 4, nodes, revocations, lineage: [{ start, version: 4 }] })));
    const other = await authority.update({ version: 6, nodes, revocations, lineage: [{ start: 'b'.repeat(8), version: 6 }] });
    const { lineage: _lineage, ...stripped } = other;
    for (const update of [other, stripped]) expect(unwrap(await list.applyFromPeer(update))).toEqual({ kind: 'other-history', version: 4 });
    const later = await authority.update({ version: 7, nodes, revocations, lineage: [{ start, version: 7 }] });
    expect(unwrap(await list.applyFromPeer(later))).toEqual({ kind: 'applied', version: 7 });
    expect(unwrap(await list.apply(await earlier(8)))).toEqual({ kind: 'applied', version: 8 });
  });

  it('refuses revoked and removed nodes', async () => {
    const { authority, list } = await setUp();
    const revocations = [{ nodeId: testNodeId(1), reason: 'lost', atMs: 1 }];
    unwrap(
      await list.apply(
        await authority.update({ version: 1, nodes: [one, testNodeEntry(2), testNodeEntry(3, { state: 'removed' })], revocations }),
      ),
    );
    expect([1, 2, 3].map((number) => list.isRefused(testNodeId(number)))).toEqual([true, false, true]);
  });
});
