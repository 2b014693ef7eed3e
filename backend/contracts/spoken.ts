import Type, { type Static } from 'typebox';
import type { SpokenMessage } from '../base/outcome.ts';
import { isSentence, longestText, mostSaid } from './is-sentence.ts';

/** One that stands within another is looked into as deep as it goes; a description that named itself would not do for OpenAPI. */
const Within = Type.Refine(
  Type.Unsafe<Sentence>(Type.Object({}, { description: 'Another of the same form.' })),
  (value) => isSentence(value),
  () => 'must be a sentence',
);

/** A sentence for people: in English, and by key and values for translations. */
export const spokenProperties = {
  sentence: Type.String(),
  sentenceKey: Type.String(),
  sentenceValues: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
  /** What `{reason}` says, where that has translations as well; its English is the value of that name. */
  sentenceReason: Type.Optional(Within),
};
export const Spoken = Type.Object(spokenProperties);
export type Spoken = Static<typeof Spoken>;

/** What stands in place of `{parts}`. */
export const SentenceParts = Type.Array(Within, { maxItems: mostSaid.sentences });

/** One that may have others within; how much all of it may say is counted (is-sentence.ts). */
export const Sentence = Type.Refine(
  Type.Object({ ...spokenProperties, sentenceParts: Type.Optional(SentenceParts) }),
  (value) => isSentence(value),
  () => `must be a sentence of at most ${mostSaid.sentences} with those within, and ${longestText} characters in each text`,
);
export type Sentence = SpokenMessage;
