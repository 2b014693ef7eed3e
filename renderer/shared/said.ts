import { useI18n } from 'vue-i18n';
import { joinParts, measureOf } from '../../backend/contracts/compose-text.ts';
import type { Sentence } from '../../backend/contracts/spoken.ts';
import { formatBytes, formatCount, formatSpeed } from './format.ts';

type Values = Readonly<Record<string, string | number>>;

/** What the Controller says; only the sentence where an older release has said it, or where it is passed on. */
interface Said {
  readonly sentence: string;
  readonly sentenceKey?: string;
  readonly sentenceValues?: Values;
  readonly sentenceReason?: Sentence;
  readonly sentenceParts?: readonly Sentence[];
}

/** A part of what is said; `lang` where it is not in the language of the page. */
export interface SaidPart {
  readonly text: string;
  readonly lang: 'en' | undefined;
}

/** Stands for what is to be said in English, the first, second, ... of a text; nothing that is said has these signs. */
const firstMark = 0xe000;
const marks = /([\uE000-\uE0FF])/;

/** What an event says, in the language of the page. */
export function useEventText(): (event: Omit<Said, 'sentence'> & { readonly message: string }) => readonly SaidPart[] {
  const said = useSaid();
  return ({ message, ...made }) => said({ ...made, sentence: message });
}

/**
 * What the Controller says, in the language of the page where that is known, otherwise as it came. What the Controller only passes on
 * (reasons and sentences without a text) is English within.
 */
export function useSaid(): (said: Said) => readonly SaidPart[] {
  const { t, te, locale } = useI18n();
  const written = (name: string, value: string | number): string => {
    if (typeof value === 'string') return withPercentages(value, locale.value);
    const format = { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)];
    return format(value, locale.value);
  };
  return (whole) => {
    if (locale.value === 'en') return [{ text: whole.sentence, lang: 'en' }];
    const english: string[] = [];
    const marked = (text: string): string => String.fromCharCode(firstMark + english.push(text) - 1);
    const valuesOf = (values: Values): Record<string, string> =>
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, name === 'reason' ? marked(String(value)) : written(name, value)]),
      );
    const translated = ({ sentence, sentenceKey, sentenceValues = {}, sentenceReason, sentenceParts = [] }: Said): string => {
      if (sentenceKey === undefined || !te(`sentences.${sentenceKey}`)) return marked(sentence);
      const reason = sentenceReason && { reason: translated(sentenceReason) };
      return t(`sentences.${sentenceKey}`, { ...valuesOf(sentenceValues), ...reason, ...joinParts(sentenceParts.map(translated)) });
    };
    return translated(whole)
      .split(marks)
      .filter((text) => text !== '')
      .map((text): SaidPart => {
        const reason = marks.test(text) ? english[text.charCodeAt(0) - firstMark] : undefined;
        return reason === undefined ? { text, lang: undefined } : { text: reason, lang: 'en' };
      });
  };
}

/** The same as one text, for where no part can be marked: an attribute, a cell, a list of lines. */
export function useSaidText(): (said: Said) => string {
  const said = useSaid();
  return (spoken) =>
    said(spoken)
      .map(({ text }) => text)
      .join('');
}

/** Names that come with percentages, as the language writes these. */
function withPercentages(value: string, language: string): string {
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return value.replace(/\b\d+\.\d(?= %)/g, (percentage) => format.format(Number(percentage)));
}

/** A text of the page that has what the Controller says within. */
export function useSaidWithin(): (text: (evidence: string) => string, evidence: Said | undefined) => readonly SaidPart[] {
  const said = useSaid();
  return (text, evidence) => {
    if (evidence === undefined) return [{ text: text(''), lang: undefined }];
    const mark = String.fromCharCode(firstMark);
    const [before = '', after = ''] = text(mark).split(mark);
    const own = (part: string): readonly SaidPart[] => (part === '' ? [] : [{ text: part, lang: undefined }]);
    return [...own(before), ...said(evidence), ...own(after)];
  };
}
