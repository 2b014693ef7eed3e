import { formatBytes } from './format-bytes.ts';
import type { Sentence, Spoken } from './spoken.ts';

/**
 * Sentences from tables of texts. A text stands in its table in English; there is one of the same id in every other
 * language (`vietnamese/`). Placeholders are named by what they hold: `bytes` and `...Bytes` are sizes, `...BytesPerSecond` speeds, `reason` is
 * what somebody else said, in English; numbers are counts, words (and numbers that are names) are said as they are. `{parts}`,
 * `{clauses}` and `{sentences}` stand for sentences that have texts of their own, with a comma, a semicolon or a space between them.
 */
type NamedIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamedIn<Rest> : never;
type Within = 'parts' | 'clauses' | 'sentences';
type Measure = 'bytes' | `${string}Bytes` | `${string}BytesPerSecond`;
/** What the placeholders of a text are to be filled with. */
export type ValuesOf<Text extends string> = {
  readonly [Name in Exclude<NamedIn<Text>, Within>]: Name extends Measure ? number : string | number;
};
/** The sentences within a text, if it has a place for them. */
export type PartsOf<Text extends string> = Within & NamedIn<Text> extends never ? readonly [] : readonly [Spoken, ...Spoken[]];
type Values = Readonly<Record<string, string | number>>;

/** The text with its values, in English. Pure. */
export function composeText(text: string, values: Values, parts: readonly Spoken[]): string {
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
    const sentenceValues: Record<string, string | number> = { ...(values as Values) };
    const sentence = composeText(texts[id] as string, sentenceValues, parts);
    const sentenceKey = `${family}.${id}`;
    return parts.length === 0
      ? { sentence, sentenceKey, sentenceValues }
      : { sentence, sentenceKey, sentenceValues, sentenceParts: parts.map(spokenOf) };
  };
}

/** Whatever else is known with it. */
function spokenOf({ sentence, sentenceKey, sentenceValues }: Spoken): Spoken {
  return { sentence, sentenceKey, sentenceValues };
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
  return `${formatBytes(value)}${measure === 'speed' ? '/s' : ''}`;
}
