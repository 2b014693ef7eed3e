import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedSentence } from './bounded-sentence.ts';
import { callSentence } from './call-texts.ts';
import { isSentence } from './is-sentence.ts';
import { firstOf, ringFailureSentence, ringPartSentence } from './ring-texts.ts';
import { servingSentence } from './serving-texts.ts';
import type { Sentence } from './spoken.ts';
import { storageSentence } from './storage-texts.ts';
import { systemReason } from './system-texts.ts';

const silent = callSentence('unreachable', {
  where: 'https://n1:7410',
  method: 'ping',
  reason: systemReason('read ECONNRESET', 'ECONNRESET'),
});
const chained = (depth: number): Sentence => {
  let said = silent;
  for (let step = 0; step < depth; step++) said = ringPartSentence('said', { name: 'n1', reason: said });
  return said;
};

describe('a sentence that is kept or sent', () => {
  it('stays as it is where it fits, and the longest of our own do: five of a thousand nodes that fail, each by its disk', () => {
    const full = systemReason('EIO: i/o error, fsync', 'EIO');
    const blobs = storageSentence('blobsFailed', {
      directory: `/data/${'d'.repeat(200)}`,
      reason: storageSentence('syncOfBlob', { reason: full }),
    });
    const reason = servingSentence('diskFailed', { reason: blobs });
    const nodes = Array.from({ length: 1_000 }, (_, index) => ringPartSentence('said', { name: `node-${index}`.padEnd(63, 'n'), reason }));
    const said = ringFailureSentence('notAllConfirmed', {}, ...firstOf(nodes as [Sentence, ...Sentence[]]));
    expect(isSentence(said)).toBe(true);
    expect(boundedSentence(said)).toBe(said);
    expect(said.sentence).toContain('and 995 more');
  });

  it('keeps its own text and those of short parts when one of them says too much, which is told in English alone', () => {
    const wide = { ...silent, sentenceParts: Array.from({ length: 500 }, () => silent) };
    const said = ringFailureSentence('notAllConfirmed', {}, ringPartSentence('said', { name: 'n0', reason: wide }), chained(1));
    const bounded = boundedSentence(said);
    expect(isSentence(said)).toBe(false);
    expect(isSentence(bounded)).toBe(true);
    expect(bounded).toMatchObject({ sentence: said.sentence, sentenceKey: said.sentenceKey });
    expect(bounded.sentenceParts?.[1]).toEqual(said.sentenceParts?.[1]);
    expect(bounded.sentenceParts?.[0]).toMatchObject({
      sentenceKey: 'ringPart.said',
      sentenceValues: { name: 'n0', reason: wide.sentence },
    });
    expect(bounded.sentenceParts?.[0]?.sentenceReason).toEqual({ sentence: silent.sentence, sentenceKey: '', sentenceValues: {} });
  });

  it('is English alone where it has too many parts or values, or goes too deep', () => {
    const many = { ...silent, sentenceParts: Array.from({ length: 300 }, () => silent) };
    expect(boundedSentence(many)).toEqual({ sentence: silent.sentence, sentenceKey: '', sentenceValues: {} });
    const values = { ...silent, sentenceValues: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`v${index}`, index])) };
    expect(boundedSentence(values)).toMatchObject({ sentenceKey: '', sentenceValues: {} });
    const deep = boundedSentence(chained(20));
    expect(isSentence(deep)).toBe(true);
    expect(deep.sentenceKey).toBe('ringPart.said');
  });

  it('is one that everybody takes over, whatever it was made of', () => {
    const text = fc.tuple(fc.string({ maxLength: 9 }), fc.nat({ max: 400 })).map(([some, times]) => some.repeat(times));
    const own = fc.record({
      sentence: text,
      sentenceKey: fc.constantFrom('', 'a.b'),
      sentenceValues: fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(text, fc.double()), { maxKeys: 3 }),
    });
    const around = (within: fc.Arbitrary<Sentence>): fc.Arbitrary<Sentence> =>
      fc
        .tuple(own, within, fc.array(within, { maxLength: 8 }))
        .map(([said, sentenceReason, sentenceParts]) => ({ ...said, sentenceReason, sentenceParts }));
    const any = around(around(own));
    fc.assert(
      fc.property(any, (said) => isSentence(boundedSentence(said))),
      { numRuns: 100 },
    );
  });

  it('shows where a text was cut, and cuts no character in two', () => {
    const said = boundedSentence({
      sentence: `${'x'.repeat(1_998)}😀tail`,
      sentenceKey: 'a.b',
      sentenceValues: { name: 'y'.repeat(3_000), nodes: Number.NaN },
    });
    expect(said.sentence).toBe(`${'x'.repeat(1_998)}…`);
    expect(said.sentenceValues).toEqual({ name: `${'y'.repeat(1_999)}…`, nodes: 'NaN' });
    expect(isSentence(said)).toBe(true);
  });
});
