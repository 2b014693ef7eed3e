import type { EventView } from '../../backend/contracts/admin-api.ts';
import { joinParts, measureOf } from '../../backend/contracts/compose-text.ts';
import { vietnameseSentences } from '../../renderer/console/messages/vi-sentences.ts';
import { formatBytes, formatCount, formatSpeed } from '../../renderer/shared/format.ts';
import type { Texts } from '../../renderer/shared/texts.ts';

type Values = Readonly<Record<string, string | number>>;

/** What an event says, by the same texts as the page; as it came where there is none. Pure. */
export function eventWords(event: EventView, locale: 'en' | 'vi'): string {
  const { message, sentenceKey, sentenceValues = {}, sentenceParts = [] } = event;
  const text = locale === 'en' || sentenceKey === undefined ? undefined : textAt(sentenceKey);
  if (text === undefined) return message;
  const values = Object.entries(sentenceValues).map(([name, value]) => [name, written(name, value, locale)]);
  const parts = sentenceParts.map((part) => {
    const partText = textAt(part.sentenceKey);
    return partText === undefined ? part.sentence : filled(partText, part.sentenceValues);
  });
  return filled(text, { ...Object.fromEntries(values), ...joinParts(parts) });
}

function textAt(key: string): string | undefined {
  let at: string | Texts | undefined = vietnameseSentences;
  for (const step of key.split('.')) at = typeof at === 'object' && Object.hasOwn(at, step) ? at[step] : undefined;
  return typeof at === 'string' ? at : undefined;
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

function written(name: string, value: string | number, locale: string): string {
  if (typeof value === 'string') return value;
  return { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)](value, locale);
}
