import { expect, it } from 'vitest';
import { sentencesOf } from './compose-text.ts';

const say = sentencesOf('harbour', {
  moored: '{ship} is moored with {bytes} aboard',
  both: '{clauses}; {count} ships.',
});

it('a sentence says the same in English as by key and values, whatever its names have in them', () => {
  expect(say('moored', { ship: '$& {bytes}', bytes: 1536 })).toEqual({
    sentence: '$& {bytes} is moored with 1.5 KiB aboard',
    sentenceKey: 'harbour.moored',
    sentenceValues: { ship: '$& {bytes}', bytes: 1536 },
  });
});

it('sentences within are joined, and carried without what else is known with them', () => {
  const parts = [say('moored', { ship: 'Oslo', bytes: 1 }), say('moored', { ship: 'Hà Nội', bytes: 2 })] as const;
  const measured = { ...parts[0], measuredAtMs: 7 };
  expect(say('both', { count: 2 }, measured, parts[1])).toEqual({
    sentence: 'Oslo is moored with 1 B aboard; Hà Nội is moored with 2 B aboard; 2 ships.',
    sentenceKey: 'harbour.both',
    sentenceValues: { count: 2 },
    sentenceParts: parts,
  });
});
