import Type, { type Static } from 'typebox';

/** A sentence for people: in English, and by key and values for translations. */
export const spokenProperties = {
  sentence: Type.String(),
  sentenceKey: Type.String(),
  sentenceValues: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number()])),
};
export const Spoken = Type.Object(spokenProperties);
export type Spoken = Static<typeof Spoken>;
