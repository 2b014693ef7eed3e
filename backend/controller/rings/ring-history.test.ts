import { describe, expect, it } from 'vitest';
import type { RingHistoryEntry } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { silentLogger } from '../../base/logger.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { memberChanges, openRingHistory, type RingHistory } from './ring-history.ts';

const entry: RingHistoryEntry = {
  epoch: 1,
  digest: '0'.repeat(64),
  startedBy: 'admin',
  startedAtMs: 5,
  finishedAtMs: null,
  outcome: 'running',
  failure: null,
  partitionPower: 10,
  replicas: 3,
  members: 3,
  added: [],
  removed: [],
  reweighted: [],
  namesCarried: 0,
};

function proposalOf(members: readonly (readonly [id: number, weight: number])[]): EpochProposal {
  return {
    format: 1,
    clusterId: '0'.repeat(32),
    epoch: 1,
    attempt: 1,
    members: members.map(([id, weight]) => ({ id: id.toString(16).padStart(16, '0'), name: `n${id}`, zone: 'z', weight })),
    partitionPower: 10,
    replicas: 3,
    membershipVersion: 1,
  };
}

const clock = createManualClock();
const openHistory = (documents: DocumentStore): RingHistory => openRingHistory({ clock, documents, logger: silentLogger });

describe('history of the rings', () => {
  it('keeps one entry a change, the newest first, over a restart', () => {
    const documents = createMemoryDocumentStore();
    const history = openHistory(documents);
    history.save(entry);
    history.save({ ...entry, finishedAtMs: 9, outcome: 'active' });
    history.save({ ...entry, epoch: 12, startedAtMs: 20 });
    history.save({ ...entry, epoch: 2, startedAtMs: 10 });
    const shown = openHistory(documents).entries();
    expect(shown.map(({ epoch, outcome }) => [epoch, outcome])).toEqual([
      [12, 'running'],
      [2, 'running'],
      [1, 'active'],
    ]);
  });

  it('shows what the disk does not take, in its place, and writes it as soon as it does', async () => {
    const memory = createMemoryDocumentStore();
    let disk: 'works' | 'full' = 'works';
    const history = openHistory({
      ...memory,
      commit: (changes) => {
        if (disk === 'full') throw new Error('no space left');
        memory.commit(changes);
      },
    });
    history.save(entry);
    history.save({ ...entry, epoch: 3 });
    disk = 'full';
    history.save({ ...entry, epoch: 2 });
    history.save({ ...entry, epoch: 3, outcome: 'active' });
    const wanted = [
      [3, 'active'],
      [2, 'running'],
      [1, 'running'],
    ];
    expect(history.entries().map(({ epoch, outcome }) => [epoch, outcome])).toEqual(wanted);
    expect(history.entries(2)).toHaveLength(2);
    expect(openHistory(memory).entries()).toHaveLength(2);
    await clock.advance(20_000);
    disk = 'works';
    await clock.advance(5_000);
    expect(
      openHistory(memory)
        .entries()
        .map(({ epoch, outcome }) => [epoch, outcome]),
    ).toEqual(wanted);
    disk = 'full';
    history.save({ ...entry, epoch: 4 });
    disk = 'works';
    history.stop();
    expect(openHistory(memory).entries()[0]?.epoch).toBe(4);
  });

  it('tells who came, who left and whose weight changed', () => {
    const before = proposalOf([
      [1, 10],
      [2, 10],
      [3, 10],
    ]);
    const after = proposalOf([
      [1, 10],
      [3, 20],
      [4, 5],
    ]);
    expect(memberChanges(before, after)).toEqual({
      added: [{ name: 'n4', weight: 5 }],
      removed: [{ name: 'n2', weight: 10 }],
      reweighted: [{ name: 'n3', before: 10, after: 20 }],
    });
    expect(memberChanges(null, before).added).toHaveLength(3);
  });
});
