import type { EventView } from './admin-api.ts';
import { joinParts, measureOf } from './compose-text.ts';
import { formatBytes, formatCount, formatSpeed } from './format-figures.ts';
import type { Sentence } from './spoken.ts';
import type { Texts } from './texts.ts';
import { vietnameseSentences } from './vietnamese/sentences.ts';

type Values = Readonly<Record<string, string | number>>;

/** What an event says, by the same texts as the console; as it came where there is none. Pure. */
export function eventWords({ message, sentenceKey, ...made }: EventView, locale: 'en' | 'vi'): string {
  if (locale === 'en' || sentenceKey === undefined) return message;
  return saidIn(locale, { sentenceValues: {}, ...made, sentence: message, sentenceKey });
}

function saidIn(locale: string, { sentence, sentenceKey, sentenceValues, sentenceReason, sentenceParts = [] }: Sentence): string {
  const text = textAt(sentenceKey);
  if (text === undefined) return sentence;
  const values = {
    ...sentenceValues,
    ...(sentenceReason && { reason: saidIn(locale, sentenceReason) }),
    ...joinParts(sentenceParts.map((part) => saidIn(locale, part))),
  };
  return filled(text, values, locale);
}

function textAt(key: string): string | undefined {
  let at: string | Texts | undefined = vietnameseSentences;
  for (const step of key.split('.')) at = typeof at === 'object' && Object.hasOwn(at, step) ? at[step] : undefined;
  return typeof at === 'string' ? at : undefined;
}

function filled(text: string, values: Values, locale: string): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => written(name, values[name] ?? '', locale));
}

function written(name: string, value: string | number, locale: string): string {
  if (typeof value === 'string') return value;
  return { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)](value, locale);
}
