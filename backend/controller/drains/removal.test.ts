import { describe, expect, it } from 'vitest';
import type { NamedInCluster } from './named-copies.ts';
import { judgeRemoval, type RemovalFacts } from './removal.ts';

const none = { blobs: 0, bytes: 0 };
const settled: NamedInCluster = { named: none, onlyThere: none, settled: true, silent: [], unreadableLists: 0, own: null };
const facts: RemovalFacts = {
  name: 'oslo',
  state: 'down',
  evidence: {
    sentence: 'no answer for 40 s from Controller and 3 of 3 peers',
    sentenceKey: 'evidence.silent.unreached',
    sentenceValues: { seconds: 40, silent: 3, asked: 3 },
  },
  epoch: 4,
  inRings: false,
  ringsChange: false,
  drain: null,
  meanwhile: 'unchanged',
  named: settled,
  nameOf: (id) => id.toUpperCase(),
};

describe('whether a node may be removed', () => {
  it('may be when it is dead or drained, out of the rings, and no record names it', () => {
    expect(judgeRemoval(facts)).toEqual({
      name: 'oslo',
      allowed: true,
      reasons: [],
      spokenReasons: [],
      named: none,
      onlyHere: none,
      inRings: false,
    });
    expect(judgeRemoval({ ...facts, state: 'draining', drain: 'drained' }).allowed).toBe(true);
    expect(judgeRemoval({ ...facts, state: 'healthy', epoch: null, named: null }).allowed).toBe(true);
  });

  it.each<[string, Partial<RemovalFacts>, string]>([
    ['it takes copies', { state: 'healthy' }, 'drain it first with "mcos node drain oslo"'],
    ['it may come back', { state: 'suspect' }, 'suspect (no answer for 40 s'],
    ['its drain goes on', { state: 'draining', drain: 'paused' }, 'not finished (paused)'],
    ['names depend on it', { inRings: true }, 'in the rings of epoch 4'],
    ['the rings are being changed', { ringsChange: true, named: null }, 'being changed'],
    ['copies are named', { named: { ...settled, settled: false, named: { blobs: 12, bytes: 345 } } }, '12 copies with 345 B on it'],
    [
      'nobody else has the bytes',
      { named: { ...settled, settled: false, named: { blobs: 2, bytes: 9 }, onlyThere: { blobs: 1, bytes: 4 } } },
      '1 of these blobs with 4 B have no copy on another',
    ],
    ['it changed while its copies were counted', { meanwhile: 'changed' }, 'has changed while its copies were counted'],
    ['a list cannot be read', { named: { ...settled, settled: false, unreadableLists: 3 } }, '3 lists of blobs'],
    ['too few answer', { named: { ...settled, settled: false, silent: ['a', 'b'] } }, 'A, B did not answer'],
  ])('may not be while %s, and says so', (_why, changes, reason) => {
    const check = judgeRemoval({ ...facts, ...changes });
    expect(check.allowed).toBe(false);
    expect(check.reasons.join(' ')).toContain(reason);
    expect(check.spokenReasons?.map(({ sentence }) => sentence)).toEqual(check.reasons);
  });
});
