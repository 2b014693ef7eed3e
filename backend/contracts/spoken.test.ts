import { describe, expect, it } from 'vitest';
import { Compile } from 'typebox/compile';
import { callSentence } from './call-texts.ts';
import { StatusAnswer } from './cluster-messages.ts';
import { passedOn } from './passed-on.ts';
import { ringPartSentence } from './ring-texts.ts';
import { Sentence } from './spoken.ts';

const schema = Compile(Sentence);
const silent = callSentence('unreachable', { where: 'https://n1', method: 'ping', reason: 'read ECONNRESET' });

it('a reason that has a text is a value in English, and stands beside the values by its own key', () => {
  const said = ringPartSentence('said', { name: 'n1', reason: passedOn({ message: silent.sentence, spoken: silent }) });
  expect(said).toEqual({
    sentence: `n1: ${silent.sentence}`,
    sentenceKey: 'ringPart.said',
    sentenceValues: { name: 'n1', reason: silent.sentence },
    sentenceReason: silent,
  });
  expect(schema.Check(said)).toBe(true);
});

it('a reason without a text is a value alone', () => {
  const said = ringPartSentence('said', { name: 'n1', reason: passedOn({ message: 'no route' }) });
  expect(said).toEqual({ sentence: 'n1: no route', sentenceKey: 'ringPart.said', sentenceValues: { name: 'n1', reason: 'no route' } });
});

it('what stands within another is looked into as well, and does not go on for ever', () => {
  const within = (inner: unknown): unknown => ({ ...silent, sentenceReason: inner });
  expect(schema.Check(within(within({ ...silent, sentenceValues: { where: {} } })))).toBe(false);
  expect(schema.Check({ ...silent, sentenceParts: [{ sentence: 'x' }] })).toBe(false);
  let deep: unknown = silent;
  for (let depth = 0; depth < 30; depth++) deep = within(deep);
  expect(schema.Check(deep)).toBe(false);
});

describe('how much a sentence may say', () => {
  const parts = (count: number, part: unknown = silent): unknown => ({
    ...silent,
    sentenceParts: Array.from({ length: count }, () => part),
  });
  const values = (count: number): unknown => ({
    ...silent,
    sentenceValues: Object.fromEntries(Array.from({ length: count }, (_, index) => [`v${index}`, index])),
  });

  it('is counted over all that stand within, side by side as well as one in the other', () => {
    expect(schema.Check(parts(40))).toBe(true);
    expect(schema.Check(parts(200_000))).toBe(false);
    expect(schema.Check(parts(9, parts(9)))).toBe(false);
    expect(schema.Check(parts(60, { sentence: 'x'.repeat(1_900), sentenceKey: '', sentenceValues: {} }))).toBe(false);
  });

  it('has an end for each text and for the values, the outermost ones too', () => {
    const long = 'x'.repeat(2_001);
    for (const said of [
      { sentence: long },
      { sentenceKey: long },
      { sentenceValues: { where: long } },
      { sentenceValues: { [long]: 1 } },
    ]) {
      expect(schema.Check({ ...silent, ...said })).toBe(false);
      expect(schema.Check(parts(1, { ...silent, ...said }))).toBe(false);
    }
    expect(schema.Check(values(32))).toBe(true);
    expect(schema.Check(values(33))).toBe(false);
    expect(schema.Check({ ...silent, sentenceValues: { nodes: Number.POSITIVE_INFINITY } })).toBe(false);
    expect(schema.Check(parts(1, { ...silent, sentenceValues: { nodes: Number.NaN } }))).toBe(false);
  });

  it('holds for the word of a node on itself', () => {
    const status = Compile(StatusAnswer.properties.servingSpoken);
    expect(status.Check(parts(3))).toBe(true);
    expect(status.Check(parts(200_000))).toBe(false);
    expect(status.Check({ ...silent, sentence: 'x'.repeat(2_001) })).toBe(false);
  });
});
