import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeState } from '../../contracts/membership.ts';
import type { Observations } from './judge.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import { judge } from './judge.ts';

const quiet: Observations = {
  missedProbes: 0,
  silentMs: 0,
  peersAsked: 0,
  peersThatReachIt: 0,
  otherNodes: 4,
  otherNodesAnswering: 4,
  refusal: null,
};

describe('the state of a node', () => {
  it('becomes healthy by the first good probe', () => {
    for (const state of ['joining', 'suspect', 'down', 'healthy'] as const) expect(judge(state, quiet).state).toBe('healthy');
    expect(judge('draining', quiet).state).toBe('draining');
  });

  it('keeps the state of its answers when it refuses to serve, and says why it does', () => {
    const reason = servingSentence('diskFailed', { reason: 'fsync of a blob' });
    const refusal = { kind: 'fenced', reason } as const;
    for (const state of ['healthy', 'draining'] as const)
      expect(judge(state, { ...quiet, refusal })).toEqual({
        state,
        evidence: {
          sentence: 'answers the Controller, but serves nobody: The disk of this node has failed: fsync of a blob',
          sentenceKey: 'evidence.servesNobody',
          sentenceValues: { reason: reason.sentence },
          sentenceReason: reason,
        },
      });
    expect(judge('healthy', { ...quiet, refusal: { kind: 'read-only', reason: passedOn({ message: 'R.' }) } }).evidence.sentence).toContain(
      'takes no writes: R.',
    );
  });

  it('becomes suspect by two misses, down by five and the peers word', () => {
    expect(judge('healthy', { ...quiet, missedProbes: 1, silentMs: 2_000 }).state).toBe('healthy');
    expect(judge('healthy', { ...quiet, missedProbes: 2, silentMs: 4_000 }).state).toBe('suspect');
    const five = { ...quiet, missedProbes: 5, silentMs: 11_000, peersAsked: 4 };
    expect(judge('suspect', five)).toEqual({
      state: 'down',
      evidence: {
        sentence: 'no answer for 11 s from Controller and 4 of 4 peers',
        sentenceKey: 'evidence.silent.unreached',
        sentenceValues: { seconds: 11, silent: 4, asked: 4 },
      },
    });
    expect(judge('suspect', { ...five, missedProbes: 4 }).state).toBe('suspect');
  });

  it('stays suspect while a peer reaches it, and says so', () => {
    const seen = { ...quiet, missedProbes: 5, silentMs: 11_000, peersAsked: 4, peersThatReachIt: 1 };
    expect(judge('suspect', seen)).toMatchObject({
      state: 'suspect',
      evidence: { sentence: 'no answer for 11 s from Controller and 3 of 4 peers' },
    });
    expect(judge('suspect', { ...seen, peersThatReachIt: 4 }).evidence.sentence).toContain('4 peers of 4 asked reach it');
  });

  it('stays suspect when nobody answers: the line of the Controller may be the fault', () => {
    const seen = { ...quiet, missedProbes: 9, silentMs: 20_000, otherNodesAnswering: 0 };
    const judged = judge('suspect', seen);
    expect(judged.state).toBe('suspect');
    expect(judged.evidence.sentence).toContain("Controller's own line");
  });

  it('needs no peers when there are none', () => {
    expect(judge('suspect', { ...quiet, missedProbes: 5, silentMs: 11_000, otherNodes: 0, otherNodesAnswering: 0 }).state).toBe('down');
  });

  it('is never down against the word of a peer, and removed is for ever', () => {
    const observations = fc.record({
      missedProbes: fc.nat(20),
      silentMs: fc.oneof(fc.constant(null), fc.nat(100_000)),
      peersAsked: fc.nat(4),
      peersThatReachIt: fc.nat(4),
      otherNodes: fc.nat(10),
      otherNodesAnswering: fc.nat(10),
      refusal: fc.constant(null),
    });
    const states = fc.constantFrom<NodeState>('joining', 'healthy', 'suspect', 'draining');
    fc.assert(
      fc.property(states, observations, (state, seen) => {
        const judged = judge(state, seen);
        if (judged.state === 'down') expect(seen.missedProbes >= 5 && (seen.otherNodes === 0 || seen.peersThatReachIt === 0)).toBe(true);
        expect(judge('removed', seen).state).toBe('removed');
        expect(judged.evidence.sentence).not.toBe('');
      }),
    );
  });
});
