import { formatBytes, formatSpeed } from './format-bytes.ts';
import type { Sentence } from './spoken.ts';

/**
 * Sentences from tables of texts. A text stands in its table in English; there is one of the same id in every other
 * language (`vietnamese/`). Placeholders are named by what they hold: `bytes` and `...Bytes` are sizes, `...BytesPerSecond` speeds, `reason` is
 * what somebody else said, in English, or a sentence of its own; numbers are counts, words (and numbers that are names) are said as they are. `{parts}`,
 * `{clauses}` and `{sentences}` stand for sentences that have texts of their own, with a comma, a semicolon or a space between them.
 */
type NamedIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamedIn<Rest> : never;
type Within = 'parts' | 'clauses' | 'sentences';
type Measure = 'bytes' | `${string}Bytes` | `${string}BytesPerSecond`;
/** What the placeholders of a text are to be filled with. */
export type ValuesOf<Text extends string> = {
  readonly [Name in Exclude<NamedIn<Text>, Within>]: Name extends Measure
    ? number
    : Name extends 'reason'
      ? string | Sentence
      : string | number;
};
/** The sentences within a text, if it has a place for them. */
export type PartsOf<Text extends string> = Within & NamedIn<Text> extends never ? readonly [] : readonly [Sentence, ...Sentence[]];
type Values = Readonly<Record<string, string | number>>;

/** The text with its values, in English. Pure. */
export function composeText(text: string, values: Values, parts: readonly Sentence[]): string {
  const said = new Map(Object.entries(values).map(([name, value]) => [name, inEnglish(name, value)]));
  for (const [name, joined] of Object.entries(joinParts(parts.map(({ sentence }) => sentence)))) said.set(name, joined);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => said.get(name) ?? '');
}

/** What stands for the sentences within. Pure. */
export function joinParts(parts: readonly string[]): Readonly<Record<Within, string>> {
  return { parts: parts.join(', '), clauses: parts.join('; '), sentences: parts.join(' ') };
}

/** Says the texts of one table; `family` is what the console finds their translations under. */
export function sentencesOf<const Texts extends Readonly<Record<string, string>>>(
  family: string,
  texts: Texts,
): <Id extends keyof Texts & string>(id: Id, values: ValuesOf<Texts[Id]>, ...parts: PartsOf<Texts[Id]>) => Sentence {
  return (id, values, ...parts) => {
    const made = valuesOf(values);
    const sentence = composeText(texts[id] as string, made.sentenceValues, parts);
    const sentenceKey = `${family}.${id}`;
    return { sentence, sentenceKey, ...made, ...(parts.length === 0 ? {} : { sentenceParts: parts.map(sentenceOf) }) };
  };
}

/** The values of a text; a reason that has translations is said in English among them, and stands beside them. Pure. */
export function valuesOf(
  values: Readonly<Record<string, string | number | Sentence>>,
): Required<Pick<Sentence, 'sentenceValues'>> & Pick<Sentence, 'sentenceReason'> {
  const sentenceValues = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? value.sentence : value]),
  );
  const { reason } = values;
  if (typeof reason !== 'object' || reason.sentenceKey === '') return { sentenceValues };
  return { sentenceValues, sentenceReason: sentenceOf(reason) };
}

/** Whatever else is known with it. */
function sentenceOf({ sentence, sentenceKey, sentenceValues, sentenceReason, sentenceParts }: Sentence): Sentence {
  return {
    sentence,
    sentenceKey,
    sentenceValues,
    ...(sentenceReason && { sentenceReason }),
    ...(sentenceParts && { sentenceParts }),
  };
}

/** How a value of a text is to be written. Pure. */
export function measureOf(name: string, value: string | number): 'word' | 'count' | 'size' | 'speed' {
  if (typeof value === 'string') return 'word';
  if (name.endsWith('BytesPerSecond')) return 'speed';
  return /(^b|B)ytes$/.test(name) ? 'size' : 'count';
}

function inEnglish(name: string, value: string | number): string {
  const measure = measureOf(name, value);
  if (typeof value === 'string' || measure === 'count' || measure === 'word') return String(value);
  return measure === 'speed' ? formatSpeed(value) : formatBytes(value);
}
