import { useI18n } from 'vue-i18n';
import { measureOf } from '../../../backend/contracts/event-texts.ts';
import type { Spoken } from '../../../backend/contracts/spoken.ts';
import { formatBytes, formatCount, formatSpeed } from '../../shared/format.ts';
import { useSentence } from './sentence.ts';

type Values = Readonly<Record<string, string | number>>;

/** What an event says; only its message when a Controller of an older release has written it. */
interface Said {
  readonly message: string;
  readonly sentenceKey?: string;
  readonly sentenceValues?: Values;
  readonly sentenceParts?: readonly Spoken[];
}

/** A part of what an event says; `lang` where it is not in the language of the page. */
export interface SaidPart {
  readonly text: string;
  readonly lang: 'en' | undefined;
}

/** Stands for what is to be said in English, the first, second, ... of a text; nothing that is said has these signs. */
const firstMark = 0xe000;
const marks = /([\uE000-\uE0FF])/;

/**
 * What an event says, in the language of the page where that is known, otherwise as it came. What the Controller only passes on
 * (reasons, and sentences without a text) is English within.
 */
export function useEventText(): (event: Said) => readonly SaidPart[] {
  const { t, te, locale } = useI18n();
  const sentence = useSentence();
  const written = (name: string, value: string | number): string => {
    if (typeof value === 'string') return value;
    const format = { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)];
    return format(value, locale.value);
  };
  return ({ message, sentenceKey, sentenceValues = {}, sentenceParts = [] }) => {
    if (locale.value === 'en' || sentenceKey === undefined || !te(`sentences.${sentenceKey}`)) return [{ text: message, lang: 'en' }];
    const english: string[] = [];
    const marked = (text: string): string => String.fromCharCode(firstMark + english.push(text) - 1);
    const valuesOf = (values: Values): Record<string, string> =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, name === 'reason' ? marked(String(value)) : written(name, value)]),
      );
    const parts = sentenceParts.map((part) =>
      te(`sentences.${part.sentenceKey}`) ? sentence({ ...part, sentenceValues: valuesOf(part.sentenceValues) }) : marked(part.sentence),
    );
    return t(`sentences.${sentenceKey}`, { ...valuesOf(sentenceValues), parts: parts.join(', ') })
      .split(marks)
      .filter((text) => text !== '')
      .map((text): SaidPart => {
        const reason = marks.test(text) ? english[text.charCodeAt(0) - firstMark] : undefined;
        return reason === undefined ? { text, lang: undefined } : { text: reason, lang: 'en' };
      });
  };
}
