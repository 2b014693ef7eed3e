import { describe, expect, it } from 'vitest';
import type { HealerStatus, HealingStatus } from '../../contracts/healing.ts';
import { silentLogger } from '../../base/logger.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { createHealingWatch, type ToldHealing } from './healing-watch.ts';
import { openToldMemory, type ToldMemory } from './told-memory.ts';

const idle: HealerStatus = {
  state: 'idle',
  partitions: 0,
  partitionsDone: 0,
  names: 0,
  copiesMissing: 0,
  copiesRestored: 0,
  bytesRestored: 0,
  copiesFailed: 0,
  unreadable: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
  lastEndedAtMs: null,
};

function status(healer: Partial<HealerStatus>, copiesRestored: number): HealingStatus {
  return {
    paused: false,
    healer: { ...idle, ...healer },
    scrub: {
      state: 'idle',
      onDemand: false,
      blobsChecked: 0,
      bytesChecked: 0,
      done: 1,
      damaged: 0,
      bytesPerSecond: 0,
      secondsLeft: null,
      lastCompletedAtMs: 1,
    },
    sweep: { state: 'idle', blobsSeen: 0, removed: 0, bytesRemoved: 0, lastEndedAtMs: null },
    totals: { copiesRestored, bytesRestored: 10 * copiesRestored, damaged: 0, swept: 0 },
  };
}

function memory(documents = createMemoryDocumentStore()): ToldMemory<ToldHealing> {
  return openToldMemory({ documents, logger: silentLogger }, 'told-healing');
}

describe('events about healing', () => {
  it('tell its start, how far it is with rate and estimate, and its end', () => {
    const events: { kind: string; data?: Record<string, unknown> }[] = [];
    let nowMs = 1_000;
    const watch = createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => nowMs }, memory());
    const running = (copiesRestored: number): HealingStatus =>
      status(
        { state: 'running', copiesMissing: 9, copiesRestored, partitions: 8, partitionsDone: 2, bytesPerSecond: 5, secondsLeft: 7.5 },
        copiesRestored,
      );
    watch.look('id', 'n0', 'start-1', running(0));
    for (let step = 0; step < 20; step++) {
      nowMs += 2_000;
      watch.look('id', 'n0', 'start-1', running(step));
    }
    watch.look('id', 'n0', 'start-1', status({}, 20));
    expect(events.map((event) => event.kind)).toEqual(['healing.started', 'healing.progress', 'healing.progress', 'healing.finished']);
    expect(events[1]?.data).toMatchObject({
      restored: 7,
      missing: 9,
      partitionsDone: 2,
      partitions: 8,
      bytesPerSecond: 5,
      secondsLeft: 7.5,
    });
    expect(events[3]?.data).toMatchObject({ copies: 20, bytes: 200 });
  });

  it('tell of blobs without a readable copy once, though each walk counts anew', () => {
    const events: { kind: string }[] = [];
    const watch = createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => 0 }, memory());
    watch.look('id', 'n0', 'start-1', status({ unreadable: 2 }, 0));
    watch.look('id', 'n0', 'start-1', status({ state: 'running', lastWalk: { copiesFailed: 0, unreadable: 2 } }, 0));
    watch.look('id', 'n0', 'start-1', status({ unreadable: 2 }, 0));
    expect(events.map(({ kind }) => kind)).toEqual(['healing.unreadable']);
  });

  it('name what a node cannot look after: once, and again when it was gone in between', () => {
    const events: { kind: string; message: string; data?: Record<string, unknown> }[] = [];
    const watch = createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => 0 }, memory());
    const broken = { what: 'record', name: 'photos/k', reason: 'SyntaxError: no JSON' };
    const other = { ...broken, name: 'photos/other' };
    watch.look('id', 'n0', 'start-1', status({ state: 'running', passedOver: [broken] }, 0));
    watch.look('id', 'n0', 'start-1', status({ passedOver: [broken, other] }, 0));
    // A walk that has not come to it yet, then one that has.
    watch.look('id', 'n0', 'start-1', status({ state: 'running' }, 0));
    watch.look('id', 'n0', 'start-1', status({ passedOver: [broken, other] }, 0));
    expect(events.map(({ data }) => data?.['name'])).toEqual(['photos/k', 'photos/other']);
    expect(events[0]).toMatchObject({ kind: 'healing.passed-over', severity: 'error', subject: 'n0', data: { nodeId: 'id', ...broken } });
    expect(events[0]?.message).toBe('n0 cannot look after the record "photos/k" and passes over it: SyntaxError: no JSON');
    watch.look('id', 'n0', 'start-1', status({}, 0));
    watch.look('id', 'n0', 'start-1', status({ passedOver: [broken] }, 0));
    expect(events).toHaveLength(3);
  });

  it('are not told again by a Controller that has started anew, which tells what came since', () => {
    const documents = createMemoryDocumentStore();
    const events: { kind: string; data?: Record<string, unknown> }[] = [];
    const start = () => createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => 0 }, memory(documents));
    const broken = { what: 'record', name: 'photos/k', reason: 'SyntaxError: no JSON' };
    start().look('id', 'n0', 'start-1', status({ passedOver: [broken], unreadable: 1 }, 20));
    const told = events.splice(0).map(({ kind }) => kind);
    expect(told).toEqual(['healing.finished', 'healing.unreadable', 'healing.passed-over']);
    start().look('id', 'n0', 'start-1', status({ passedOver: [broken], unreadable: 1 }, 20));
    expect(events).toEqual([]);
    start().look('id', 'n0', 'start-1', status({ passedOver: [broken], unreadable: 1 }, 23));
    expect(events.map(({ kind, data }) => [kind, data?.['copies']])).toEqual([['healing.finished', 3]]);
  });

  it('count from zero at another start of the node, also where the new counters have passed the old ones, and tell no finding twice', () => {
    const documents = createMemoryDocumentStore();
    const events: { kind: string; data?: Record<string, unknown> }[] = [];
    const start = () => createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => 0 }, memory(documents));
    const broken = { what: 'record', name: 'photos/k', reason: 'SyntaxError: no JSON' };
    start().look('id', 'n0', 'start-1', status({ passedOver: [broken], unreadable: 1 }, 20));
    events.length = 0;
    start().look('id', 'n0', 'start-2', status({ passedOver: [broken], unreadable: 1 }, 35));
    expect(events.map(({ kind, data }) => [kind, data?.['copies'], data?.['bytes']])).toEqual([['healing.finished', 35, 350]]);
  });

  it('stay few and small, whatever a node says while a walk goes on', () => {
    const documents = createMemoryDocumentStore();
    const events: { kind: string }[] = [];
    const watch = createHealingWatch({ append: (event) => void events.push(event) }, { monotonicMs: () => 0 }, memory(documents));
    for (let look = 0; look < 200; look++) {
      const passedOver = Array.from({ length: 8 }, (_, index) => ({
        what: 'record',
        name: `${look} ${index} ${'x'.repeat(1_000)}`,
        reason: 'r',
      }));
      watch.look('id', 'n0', 'start-1', status({ state: 'running', passedOver }, 0));
    }
    expect(events.length).toBeLessThan(100);
    expect(JSON.stringify(documents.get('told-healing', 'id')).length).toBeLessThan(40_000);
  });
});
