import { useI18n } from 'vue-i18n';
import { measureOf } from '../../../backend/contracts/event-texts.ts';
import type { Spoken } from '../../../backend/contracts/spoken.ts';
import { formatBytes, formatCount, formatSpeed } from '../../shared/format.ts';
import { useSentence } from './sentence.ts';

/** What an event says; only its message when a Controller of an older release has written it. */
interface Said {
  readonly message: string;
  readonly sentenceKey?: string;
  readonly sentenceValues?: Readonly<Record<string, string | number>>;
  readonly sentenceParts?: readonly Spoken[];
}

/** A part of what an event says; `lang` where it is not in the language of the page. */
export interface SaidPart {
  readonly text: string;
  readonly lang: 'en' | undefined;
}

/** What the Controller heard from others is in English whatever the language: its place is marked, to be filled afterwards. */
const reasonMark = '\uE000';

/** What an event says, in the language of the page where that is known, otherwise as it came. */
export function useEventText(): (event: Said) => readonly SaidPart[] {
  const { t, te, locale } = useI18n();
  const sentence = useSentence();
  const written = (name: string, value: string | number): string => {
    if (name === 'reason') return reasonMark;
    if (typeof value === 'string') return value;
    const format = { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)];
    return format(value, locale.value);
  };
  return ({ message, sentenceKey, sentenceValues = {}, sentenceParts = [] }) => {
    if (locale.value === 'en' || sentenceKey === undefined || !te(`sentences.${sentenceKey}`)) return [{ text: message, lang: 'en' }];
    const values = Object.fromEntries(Object.entries(sentenceValues).map(([name, value]) => [name, written(name, value)]));
    const said = t(`sentences.${sentenceKey}`, { ...values, parts: sentenceParts.map((part) => sentence(part)).join(', ') });
    return said
      .split(reasonMark)
      .flatMap((text, index): SaidPart[] => [
        ...(index === 0 ? [] : [{ text: String(sentenceValues['reason'] ?? ''), lang: 'en' as const }]),
        ...(text === '' ? [] : [{ text, lang: undefined }]),
      ]);
  };
}
