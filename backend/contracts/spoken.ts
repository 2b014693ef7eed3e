import Type, { type Static } from 'typebox';

/** One that stands within another is looked into as deep as it goes; a description that named itself would not do for OpenAPI. */
const Within = Type.Refine(
  Type.Unsafe<Sentence>(Type.Object({}, { description: 'Another of the same form.' })),
  (value) => isSentence(value, 0),
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
export const SentenceParts = Type.Array(Within);

/** One that may have others within. */
export const Sentence = Type.Object({ ...spokenProperties, sentenceParts: Type.Optional(SentenceParts) });
export interface Sentence {
  sentence: string;
  sentenceKey: string;
  sentenceValues: Record<string, string | number>;
  sentenceReason?: Sentence;
  sentenceParts?: Sentence[];
}

/** A failure that names the failure of another that names a third goes nowhere near it; whoever sends more is refused. */
const deepest = 12;

function isSentence(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > deepest) return false;
  const { sentence, sentenceKey, sentenceValues, sentenceReason, sentenceParts = [] } = value as Record<string, unknown>;
  return (
    typeof sentence === 'string' &&
    typeof sentenceKey === 'string' &&
    isValues(sentenceValues) &&
    (sentenceReason === undefined || isSentence(sentenceReason, depth + 1)) &&
    Array.isArray(sentenceParts) &&
    sentenceParts.every((part) => isSentence(part, depth + 1))
  );
}

function isValues(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).every((one) => typeof one === 'string' || typeof one === 'number');
}
