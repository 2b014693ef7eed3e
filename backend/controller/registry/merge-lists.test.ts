import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { unwrap } from '../../base/outcome.ts';
import { keptStarts } from '../../contracts/lineage.ts';
import type { Membership, NodeEntry } from '../../contracts/membership.ts';
import { MembershipList } from '../../cloud-service/admin-cloud-controller/membership-list.ts';
import { createTestAuthority, memoryDocuments } from '../../cloud-service/testing/test-authority.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { copyOfList } from '../testing/restored-controller.ts';
import { openRegistry, type Registry } from './registry.ts';

const clusterId = 'ab'.repeat(16);
const random = createSystemRandom();

/** A registry, and others that are started from a copy of its data. */
function registryWithCopy() {
  const documents = createMemoryDocumentStore();
  const clock = createManualClock();
  const open = (from: DocumentStore): Registry => openRegistry({ clock, random, documents: from, clusterId });
  const registry = open(documents);
  return { registry, documents, open, copy: (): Registry => open(copyOfList(documents)) };
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
    // An earlier release has signed it: then only the number tells that it was made elsewhere.
    const { lineage: _lineage, ...unmarked } = registry.membership;
    expect(registry.takeOver({ ...unmarked, version: version + 5 })).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(registry.version).toBe(version + 6);
  });

  it('takes what was changed elsewhere and not here, whichever list has the higher version', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2, 3]) registry.add(newNode(index));
    registry.update(idOf(3), { state: 'draining' });
    const old = copy();
    const moved = { ...newNode(1).addresses, cluster: 'https://10.0.0.1:7410' };
    registry.update(idOf(1), { addresses: moved, weightOverride: 7 });
    registry.update(idOf(3), { state: 'healthy' });
    for (const index of [1, 2]) old.update(idOf(index), { state: 'suspect' });
    old.update(idOf(1), { weightOverride: 9 });
    old.update(idOf(2), { state: 'draining' });
    old.update(idOf(2), { drainPaused: true });
    expect(old.version).toBeGreaterThan(registry.version);
    expect(old.takeOver(registry.membership)).toEqual({ added: 0, removed: 0, changed: 2 });
    expect(entryOf(old, 1)).toMatchObject({ addresses: moved, weightOverride: 9, state: 'suspect' });
    expect(entryOf(old, 2)).toMatchObject({ state: 'draining', drainPaused: true });
    expect(entryOf(old, 3)?.state).toBe('healthy');
    // What was taken over is a change that was made here.
    const { version } = old;
    expect(old.takeOver(registry.membership)).toBeUndefined();
    expect(old.version).toBe(version);
  });

  it('is not set back by a list that one taken over has come from', () => {
    const { registry, copy } = registryWithCopy();
    registry.add(newNode(1));
    const old = copy();
    registry.update(idOf(1), { weightOverride: 7 });
    const { membership: between } = registry;
    registry.update(idOf(1), { weightOverride: null });
    registry.add(newNode(2));
    old.takeOver(registry.membership);
    expect(old.takeOver(between)).toBeUndefined();
    expect(entryOf(old, 1)).not.toHaveProperty('weightOverride');
  });

  it('follows the others when it hears of an older list of theirs first', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2]) registry.add(newNode(index));
    const old = copy();
    registry.add(newNode(3));
    registry.update(idOf(1), { weightOverride: 5 });
    registry.update(idOf(2), { weightOverride: 5 });
    const { membership: older } = registry;
    const moved = { ...newNode(3).addresses, cluster: 'https://10.0.0.3:7410' };
    registry.update(idOf(1), { weightOverride: 7 });
    registry.update(idOf(2), { weightOverride: 7 });
    registry.update(idOf(3), { weightOverride: 7, addresses: moved });
    expect(old.takeOver(older)).toEqual({ added: 1, removed: 0, changed: 2 });
    old.update(idOf(2), { weightOverride: 9 });
    expect(old.takeOver(registry.membership)).toEqual({ added: 0, removed: 0, changed: 2 });
    expect([1, 2, 3].map((index) => entryOf(old, index)?.weightOverride)).toEqual([7, 9, 7]);
    expect(entryOf(old, 3)?.addresses).toEqual(moved);
  });

  const withoutLineage = ({ lineage: _lineage, ...list }: Membership): Membership => list;

  it('keeps what it has decided itself, though whoever holds the other list does not show its lineage', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2]) registry.add(newNode(index));
    const old = copy();
    for (const index of [1, 2]) for (const weightOverride of [6, 7]) registry.update(idOf(index), { weightOverride });
    old.update(idOf(1), { weightOverride: 9 });
    expect(old.version).toBeLessThan(registry.version);
    expect(old.takeOver(withoutLineage(registry.membership))).toEqual({ added: 0, removed: 0, changed: 1 });
    expect([1, 2].map((index) => entryOf(old, index)?.weightOverride)).toEqual([9, 7]);
  });

  it('of a release without lineages follows its nodes, whatever order their lists come in, and the list of a release with lineages above these', () => {
    const { registry, documents, open } = registryWithCopy();
    for (const index of [1, 2, 3]) registry.add(newNode(index));
    const copied = copyOfList(documents);
    copied.commit([{ kind: 'put', collection: 'controller', key: 'membership', document: { format: 1, version: registry.version } }]);
    const old = open(copied);
    const lists: Membership[] = [];
    for (const weightOverride of [5, 6, 7]) {
      for (const index of [1, 2, 3]) registry.update(idOf(index), { weightOverride });
      if (weightOverride === 6) registry.add(newNode(4));
      lists.push(registry.membership);
    }
    const weights = () => [1, 2, 3, 4].map((index) => entryOf(old, index)?.weightOverride);
    const [older, newer, newest] = lists.map((list, index) => (index < 2 ? withoutLineage(list) : list)) as [
      Membership,
      Membership,
      Membership,
    ];
    expect(old.takeOver(older)).toEqual({ added: 0, removed: 0, changed: 3 });
    old.update(idOf(1), { weightOverride: 9 });
    for (const state of ['suspect', 'healthy', 'down', 'healthy'] as const) old.update(idOf(2), { state });
    expect(old.takeOver(newer)).toEqual({ added: 1, removed: 0, changed: 2 });
    expect(weights()).toEqual([9, 6, 6, undefined]);
    expect(old.takeOver(older)).toBeUndefined();
    expect(old.takeOver(newest)).toEqual({ added: 0, removed: 0, changed: 2 });
    expect(weights()).toEqual([9, 7, 7, undefined]);
    expect(old.takeOver(newer)).toBeUndefined();
  });

  it('keeps a drain that was begun here at a version below the other list', () => {
    const { registry, copy } = registryWithCopy();
    for (const index of [1, 2]) registry.add(newNode(index));
    const old = copy();
    for (const weightOverride of [1, 2, 3]) registry.update(idOf(1), { weightOverride });
    old.update(idOf(2), { state: 'draining' });
    expect(old.takeOver(registry.membership)).toEqual({ added: 0, removed: 0, changed: 1 });
    expect(entryOf(old, 2)?.state).toBe('draining');
  });

  it('knows what was changed here after more starts than a lineage names', () => {
    const { registry, documents, open, copy } = registryWithCopy();
    registry.add(newNode(1));
    registry.update(idOf(1), { weightOverride: 1 });
    const [old, elsewhere] = [copy(), copy()];
    const startAgain = (): Registry => open(documents);
    for (let start = 0; start < keptStarts + 3; start++) startAgain().update(idOf(1), { state: start % 2 === 0 ? 'down' : 'healthy' });
    startAgain().update(idOf(1), { weightOverride: 5 });
    expect(startAgain().membership.lineage).toHaveLength(keptStarts);
    expect(startAgain().takeOver(old.membership)).toBeUndefined();
    // A list from so long before can still be of another history.
    elsewhere.add(newNode(2));
    expect(startAgain().takeOver(elsewhere.membership)).toEqual({ added: 1, removed: 0, changed: 0 });
    expect(startAgain().takeOver(elsewhere.membership)).toBeUndefined();
    old.takeOver(startAgain().membership);
    expect(entryOf(old, 1)?.weightOverride).toBe(5);
  });

  type Step = {
    readonly kind: 'add' | 'revoke' | 'weight' | 'move' | 'drain' | 'state' | 'start';
    readonly index: number;
    readonly value: number;
  };
  const step = fc.record<Step>({
    kind: fc.constantFrom('add', 'revoke', 'weight', 'move', 'drain', 'state', 'start'),
    index: fc.integer({ min: 0, max: 5 }),
    value: fc.integer({ min: 1, max: 3 }),
  });
  const act = (registry: Registry, { kind, index, value }: Step): void => {
    const id = idOf(index);
    const known = registry.get(id);
    if (kind === 'add') {
      if (known === undefined) registry.add(newNode(index));
    } else if (known === undefined || registry.isRevoked(id)) return;
    else if (kind === 'revoke') registry.revoke([id], 'lost');
    else if (kind === 'weight') registry.update(id, { weightOverride: value });
    else if (kind === 'move') registry.update(id, { addresses: { ...newNode(index).addresses, cluster: `https://10.0.0.${value}:1` } });
    else if (kind === 'drain') registry.update(id, { state: value === 1 ? 'healthy' : 'draining' });
    else if (kind === 'state' && known.entry.state !== 'draining') registry.update(id, { state: value === 1 ? 'down' : 'healthy' });
  };

  /** Takes the steps, a start of the Controller among them, and tells which parts of which nodes were changed. */
  const live = (documents: DocumentStore, open: (from: DocumentStore) => Registry, steps: readonly Step[]) => {
    const changed = new Set<string>();
    const start = (): Registry => {
      const registry = open(documents);
      registry.onChange(({ before, after: { entry } }) => {
        if (before === undefined) return;
        if (before.entry.weightOverride !== entry.weightOverride) changed.add(`${entry.id} weight`);
        if (before.entry.addresses.cluster !== entry.addresses.cluster) changed.add(`${entry.id} addresses`);
        if ((before.entry.state === 'draining') !== (entry.state === 'draining')) changed.add(`${entry.id} drain`);
      });
      return registry;
    };
    let registry = start();
    for (const one of steps) {
      if (one.kind === 'start') registry = start();
      else act(registry, one);
    }
    return { registry, changed: new Set(changed) };
  };

  it(
    'leads whoever holds either list to the merged one by differences alone, with everybody, every removal and the later changes of both',
    { timeout: 600_000 },
    async () => {
      const authority = await createTestAuthority(clusterId);
      const holding = async (list: Membership): Promise<MembershipList> => {
        const holder = new MembershipList({
          documents: memoryDocuments(),
          pki: authority.pki,
          clusterId,
          controllerCertificatePem: () => authority.controllerCertificatePem,
        });
        unwrap(await holder.apply(await authority.update(list)));
        return holder;
      };
      const steps = fc.array(step, { maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(
          steps,
          fc.array(fc.tuple(steps, steps), { minLength: 1, maxLength: 3 }),
          steps,
          async (before, rounds, stepsAfter) => {
            const { registry, documents, open } = registryWithCopy();
            registry.add(newNode(0));
            live(documents, open, before);
            const copied = copyOfList(documents);
            let { version: heard } = open(documents);
            const changedHere = new Set<string>();
            const holders: MembershipList[] = [];
            // One list after another of the same history is heard of, and in between both go on.
            for (const [stepsThere, stepsHere] of rounds) {
              const { registry: there } = live(documents, open, stepsThere);
              const { registry: here, changed } = live(copied, open, stepsHere);
              for (const part of changed) changedHere.add(part);
              const lists: Membership[] = [there.membership, here.membership];

              // Whoever knows something that is not known here leaves the list of this Controller alone.
              const wary = await holding(there.membership);
              for (const since of [there.version, 0]) {
                const offered = unwrap(await wary.apply(await authority.update(here.membership, Math.min(since, here.version))));
                if (there.version > heard) expect(offered.kind).not.toBe('applied');
              }

              const taken = here.takeOver(there.membership);
              expect(taken === undefined).toBe(there.version === heard);
              heard = there.version;
              const merged = here.membership;
              for (const entry of merged.nodes) {
                const [theirs, own] = lists.map(({ nodes }) => nodes.find(({ id }) => id === entry.id));
                if (entry.state === 'removed' || theirs === undefined || own === undefined) continue;
                const later = (part: string): NodeEntry => (changedHere.has(`${entry.id} ${part}`) ? own : theirs);
                expect(entry.weightOverride).toBe(later('weight').weightOverride);
                expect(entry.addresses).toEqual(later('addresses').addresses);
                expect(entry.state === 'draining').toBe(own.state === 'draining' && later('drain').state === 'draining');
              }
              for (const list of lists) {
                const holder = await holding(list);
                const led = unwrap(await holder.apply(await authority.update(merged, list.version)));
                expect(led.kind).toBe(list.version === merged.version ? 'stale' : 'applied');
                expect(holder.whole()).toMatchObject({ version: merged.version, changed: merged.nodes, revocations: merged.revocations });
                for (const { id, state } of list.nodes) {
                  expect(holder.node(id)).toBeDefined();
                  if (state === 'removed') expect(holder.isRefused(id)).toBe(true);
                }
                holders.push(holder);
              }
            }
            // It goes on from there, over starts, and nobody takes that for another history.
            const { registry: after } = live(copied, open, stepsAfter);
            for (const holder of holders) {
              const { version } = holder;
              const led = unwrap(await holder.apply(await authority.update(after.membership, version)));
              expect(led.kind).toBe(after.version === version ? 'stale' : 'applied');
            }
          },
        ),
        { numRuns: Number(process.env['MCOS_HISTORIES'] ?? 60) },
      );
    },
  );
});
