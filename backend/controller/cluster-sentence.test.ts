import { describe, expect, it } from 'vitest';
import type { NodeState } from '../contracts/membership.ts';
import { clusterSentence } from './cluster-sentence.ts';
import type { Standing } from './health/trouble.ts';
import { tallyOf } from './health/tally.ts';
import type { NodeRecord } from './registry/node-record.ts';

type Readiness = Parameters<typeof clusterSentence>[1];
const active: Readiness = {
  state: 'active',
  sentence: 'The rings are active (epoch 1).',
  sentenceKey: 'rings.active',
  sentenceValues: { epoch: 1 },
};
const waiting: Readiness = { state: 'waiting', sentence: 'Waiting.', sentenceKey: 'rings.waiting', sentenceValues: {} };

interface Seen {
  readonly state?: NodeState;
  readonly missedProbes?: number;
  readonly serving?: string;
}

/** The sentence about healthy nodes and these. */
function sentenceOf(healthy: number, others: readonly Seen[], readiness = active): ReturnType<typeof clusterSentence> {
  const nodes: readonly Seen[] = [...Array.from({ length: healthy }, () => ({})), ...others];
  const records = nodes.map(({ state = 'healthy' }, index) => ({ entry: { id: String(index), state } }) as NodeRecord);
  const standing = (id: string): Standing => {
    const { missedProbes = 0, serving = 'serving' } = nodes[Number(id)] ?? {};
    return { missedProbes, status: { serving } as Standing['status'] };
  };
  return clusterSentence(tallyOf(records, standing), readiness);
}

describe('the sentence on how things are', () => {
  it('says that all are healthy when all are, removed ones apart', () => {
    expect(sentenceOf(4, [{ state: 'removed' }]).sentence).toBe('All 4 Cloud Services are healthy and the rings are active.');
  });

  it('tells of removed ones that the rings still name, whose names have a replica less', () => {
    const tally = tallyOf([{ entry: { id: '0', state: 'healthy' } }, { entry: { id: '1', state: 'removed' } }] as NodeRecord[], () => ({
      missedProbes: 0,
      status: { serving: 'serving' } as Standing['status'],
    }));
    expect(clusterSentence(tally, active, 1)).toMatchObject({
      sentence: '1 of 1 Cloud Services is healthy; 1 removed, but still in the rings.',
      sentenceParts: [{ sentenceKey: 'cluster.parts.removedInRings', sentenceValues: { count: 1 } }],
    });
    expect(clusterSentence(tally, active, 0).sentence).toBe('All 1 Cloud Services are healthy and the rings are active.');
  });

  it('names trouble before the rings, the worst first, and what it is made of for other languages', () => {
    const told = sentenceOf(2, [
      { state: 'suspect' },
      { serving: 'fenced' },
      { serving: 'read-only' },
      { state: 'down', serving: 'fenced' },
    ]);
    expect(told).toEqual({
      sentence: '2 of 6 Cloud Services are healthy; 1 down, 2 refuse to serve, 1 suspect.',
      sentenceKey: 'cluster.mixed',
      sentenceValues: { healthy: 2, total: 6 },
      sentenceParts: [
        { sentence: '1 down', sentenceKey: 'cluster.parts.down', sentenceValues: { count: 1 } },
        { sentence: '2 refuse to serve', sentenceKey: 'cluster.parts.refusing', sentenceValues: { count: 2 } },
        { sentence: '1 suspect', sentenceKey: 'cluster.parts.suspect', sentenceValues: { count: 1 } },
      ],
    });
    expect(sentenceOf(1, [{ state: 'down' }], waiting).sentence).toBe('1 of 2 Cloud Services is healthy; 1 down.');
  });

  it('does not call those healthy that are joining, draining or have not begun to serve', () => {
    expect(sentenceOf(4, [{ state: 'joining' }]).sentence).toBe('4 of 5 Cloud Services are healthy; 1 joining.');
    expect(sentenceOf(4, [{ state: 'draining' }, { serving: 'waiting-for-boot-record' }]).sentence).toBe(
      '4 of 6 Cloud Services are healthy; 1 not serving yet, 1 draining.',
    );
    expect(sentenceOf(2, [{ state: 'joining' }], waiting).sentence).toBe('Waiting.');
  });

  it('tells a draining node that does not answer, once', () => {
    expect(sentenceOf(4, [{ state: 'draining', missedProbes: 5 }]).sentence).toBe(
      '4 of 5 Cloud Services are healthy; 1 draining without an answer.',
    );
    expect(sentenceOf(4, [{ state: 'draining', missedProbes: 4 }]).sentence).toBe('4 of 5 Cloud Services are healthy; 1 draining.');
    expect(sentenceOf(4, [{ state: 'draining', serving: 'fenced', missedProbes: 9 }]).sentence).toContain(
      '; 1 draining without an answer.',
    );
    expect(sentenceOf(4, [{ state: 'draining', serving: 'fenced' }]).sentence).toContain('; 1 refuses to serve.');
  });

  it('says what the rings wait for when nothing is wrong', () => {
    expect(sentenceOf(2, [{ serving: 'waiting-for-rings' }], waiting).sentence).toBe('Waiting.');
    expect(sentenceOf(0, []).sentence).toContain('No Cloud Service has joined yet');
  });
});
