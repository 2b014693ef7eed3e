import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { Membership } from '../../contracts/membership.ts';
import { MembershipList } from '../../cloud-service/admin-cloud-controller/membership-list.ts';
import { createTestAuthority, memoryDocuments } from '../../cloud-service/testing/test-authority.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { openRegistry, type Registry } from './registry.ts';

const clusterId = 'ab'.repeat(16);

/** A registry, and another one that was started from a copy of its data. */
function registryWithCopy() {
  const documents = createMemoryDocumentStore();
  const clock = createManualClock();
  const open = (from: typeof documents) => openRegistry({ clock, documents: from, clusterId });
  const registry = open(documents);
  const copy = (): Registry => {
    const copied = createMemoryDocumentStore();
    for (const collection of ['nodes', 'revocations', 'controller'])
      copied.commit(documents.list<object>(collection).map(({ key, document }) => ({ kind: 'put', collection, key, document })));
    return open(copied);
  };
  return { registry, copy };
}

const idOf = (index: number): string => newNode(index).id;
const entryOf = ({ membership }: Registry, index: number) => membership.nodes.find(({ id }) => id === idOf(index));

describe('a registry from an older copy', () => {
  it('takes over who joined, who was removed and what changed since, and goes on above the version of the others', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2, 3]) registry.add(newNode(index));
    const old = copy();
    registry.add(newNode(4));
    registry.revoke([idOf(1)], 'stolen');
    registry.update(idOf(2), { weightOverride: 7, addresses: { ...newNode(2).addresses, cluster: 'https://127.0.0.1:9' } });
    expect(old.takeOver(registry.membership)).toEqual({ added: 1, removed: 1, changed: 1 });
    expect(old.version).toBe(registry.version + 1);
    expect(old.isRevoked(idOf(1))).toBe(true);
    expect(entryOf(old, 1)?.state).toBe('removed');
    expect(entryOf(old, 2)).toMatchObject({ weightOverride: 7, addresses: { cluster: 'https://127.0.0.1:9' } });
    expect(entryOf(old, 4)).toMatchObject({ state: 'joining', parameters: newNode(4).parameters });
    expect(old.get(idOf(4))).toMatchObject({ index: 3, certificateExpiresAtMs: 0 });
  });

  it('keeps what it has decided itself since, and takes nothing back that either has removed', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2, 3]) registry.add(newNode(index));
    const old = copy();
    registry.revoke([idOf(1)], 'stolen');
    old.revoke([idOf(2)], 'lost');
    old.update(idOf(3), { weightOverride: 9 });
    old.add(newNode(5));
    expect(old.takeOver(registry.membership)).toEqual({ added: 0, removed: 1, changed: 0 });
    expect([1, 2, 3, 5].map((index) => entryOf(old, index)?.state)).toEqual(['removed', 'removed', 'joining', 'joining']);
    expect(entryOf(old, 3)?.weightOverride).toBe(9);
  });

  it('is not changed by a list that is older and has nothing of its own', () => {
    const { registry, copy } = registryWithCopy();
    registry.add(newNode(1));
    const old = copy();
    registry.add(newNode(2));
    const { version } = registry;
    expect(registry.takeOver(old.membership)).toBeUndefined();
    expect(registry.version).toBe(version);
    expect(registry.takeOver(registry.membership)).toBeUndefined();
    expect(registry.version).toBe(version);
    expect(registry.takeOver({ ...registry.membership, version: version + 5 })).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(registry.version).toBe(version + 6);
  });

  type Step = { readonly kind: 'add' | 'revoke' | 'weight' | 'state'; readonly index: number; readonly value: number };
  const step = fc.record<Step>({
    kind: fc.constantFrom('add', 'revoke', 'weight', 'state'),
    index: fc.integer({ min: 0, max: 7 }),
    value: fc.integer({ min: 1, max: 3 }),
  });
  const act = (registry: Registry, { kind, index, value }: Step): void => {
    const id = idOf(index);
    if (kind === 'add') {
      if (registry.get(id) === undefined) registry.add(newNode(index));
    } else if (registry.get(id) === undefined || registry.isRevoked(id)) return;
    else if (kind === 'revoke') registry.revoke([id], 'lost');
    else registry.update(id, kind === 'weight' ? { weightOverride: value } : { state: value === 1 ? 'down' : 'healthy' });
  };

  it(
    'leads whoever holds either list to the merged one by differences alone, with everybody and every removal of both',
    { timeout: 60_000 },
    async () => {
      const authority = await createTestAuthority(clusterId);
      const steps = fc.array(step, { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(steps, steps, steps, async (before, there, here) => {
          const { registry, copy } = registryWithCopy();
          registry.add(newNode(0));
          for (const one of before) act(registry, one);
          const old = copy();
          for (const one of there) act(registry, one);
          for (const one of here) act(old, one);
          const lists: Membership[] = [registry.membership, old.membership];
          const taken = old.takeOver(registry.membership);
          const merged = old.membership;
          if (taken === undefined && registry.version === old.version) expect(merged).toEqual(registry.membership);
          for (const list of lists) {
            const holder = new MembershipList({
              documents: memoryDocuments(),
              pki: authority.pki,
              clusterId,
              controllerCertificatePem: () => authority.controllerCertificatePem,
            });
            unwrap(await holder.apply(await authority.update(list)));
            const led = unwrap(await holder.apply(await authority.update(merged, list.version)));
            // Where nothing was taken over nothing is marked: then the whole list leads there.
            if (led.kind === 'gap' && taken === undefined) unwrap(await holder.apply(await authority.update(merged)));
            else expect(led.kind).toBe(list.version === merged.version ? 'stale' : 'applied');
            expect(holder.whole()).toMatchObject({ version: merged.version, changed: merged.nodes, revocations: merged.revocations });
            for (const { id, state } of list.nodes) {
              expect(holder.node(id)).toBeDefined();
              if (state === 'removed') expect(holder.isRefused(id)).toBe(true);
            }
          }
        }),
        { numRuns: 60 },
      );
    },
  );
});
