import Type, { type Static } from 'typebox';

/** A sentence for people: in English, and by key and values for translations. */
export const spokenProperties = {
  sentence: Type.String(),
  sentenceKey: Type.String(),
  sentenceValues: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
};
export const Spoken = Type.Object(spokenProperties);
export type Spoken = Static<typeof Spoken>;

/** One that may have others within. */
export const Sentence = Type.Object({ ...spokenProperties, sentenceParts: Type.Optional(Type.Array(Spoken)) });
export type Sentence = Static<typeof Sentence>;
