import { expect, it } from 'vitest';
import { Compile } from 'typebox/compile';
import { callSentence } from './call-texts.ts';
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
