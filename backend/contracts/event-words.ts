import type { EventView } from './admin-api.ts';
import { joinParts, measureOf } from './compose-text.ts';
import { formatBytes, formatCount, formatSpeed } from './format-figures.ts';
import type { Texts } from './texts.ts';
import { vietnameseSentences } from './vietnamese/sentences.ts';

type Values = Readonly<Record<string, string | number>>;

/** What an event says, by the same texts as the console; as it came where there is none. Pure. */
export function eventWords(event: EventView, locale: 'en' | 'vi'): string {
  const { message, sentenceKey, sentenceValues = {}, sentenceParts = [] } = event;
  const text = locale === 'en' || sentenceKey === undefined ? undefined : textAt(sentenceKey);
  if (text === undefined) return message;
  const parts = sentenceParts.map((part) => {
    const partText = textAt(part.sentenceKey);
    return partText === undefined ? part.sentence : filled(partText, part.sentenceValues, locale);
  });
  return filled(text, { ...sentenceValues, ...joinParts(parts) }, locale);
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
