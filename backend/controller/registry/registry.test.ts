import { describe, expect, it } from 'vitest';
import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { newNode } from '../testing/new-node.ts';
import { openRegistry } from './registry.ts';

describe('the registry on a disk that takes nothing', () => {
  it('has changed nothing when a revocation cannot be kept, and does all of it when it is tried again', () => {
    const memory = createMemoryDocumentStore();
    let disk: 'works' | 'full' = 'works';
    const documents: DocumentStore = {
      ...memory,
      commit: (changes) => {
        if (disk === 'full') throw new Error('no space left');
        memory.commit(changes);
      },
    };
    const clusterId = 'c'.repeat(16);
    const registry = openRegistry({ clock: createManualClock(), random: createSystemRandom(), documents, clusterId });
    const { id } = registry.add(newNode(1)).entry;
    const told: { state: string; refused: number; version: number }[] = [];
    registry.onChange(({ after, version }) => {
      told.push({ state: after.entry.state, refused: registry.membership.revocations.length, version });
    });

    disk = 'full';
    expect(() => registry.revoke([id], 'lost')).toThrow('no space left');
    expect(registry.isRevoked(id)).toBe(false);
    expect(registry.membership).toMatchObject({ version: 2, revocations: [], nodes: [{ state: 'joining' }] });
    expect(told).toEqual([]);

    disk = 'works';
    registry.revoke([id], 'lost');
    expect(registry.isRevoked(id)).toBe(true);
    // Whoever is told of it sees the list as it is now.
    expect(told).toEqual([{ state: 'removed', refused: 1, version: 3 }]);
    const after = openRegistry({ clock: createManualClock(), random: createSystemRandom(), documents, clusterId });
    expect(after.isRevoked(id)).toBe(true);
    expect(after.membership).toMatchObject({ version: 3, revocations: [{ nodeId: id, reason: 'lost' }], nodes: [{ state: 'removed' }] });
  });
});
