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

/** Stand around the number of what is to be said in English within a text; whatever is said has these signs taken out. */
const opens = '\uE000';
const closes = '\uE001';
const marks = /\uE000(\d+)\uE001/;
const signs = /[\uE000\uE001]/g;
/** Where a text of the page has what is said. */
const place = opens;

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
    if (typeof value === 'string') return withPercentages(withoutSigns(value), locale.value);
    const format = { size: formatBytes, speed: formatSpeed, count: formatCount, word: String }[measureOf(name, value)];
    return format(value, locale.value);
  };
  return (whole) => {
    if (locale.value === 'en') return [{ text: whole.sentence, lang: 'en' }];
    const english: string[] = [];
    const marked = (text: string): string => `${opens}${english.push(withoutSigns(text)) - 1}${closes}`;
    const valuesOf = (values: Values): Record<string, string> =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, written(name, value)]));
    const translated = ({ sentence, sentenceKey, sentenceValues = {}, sentenceReason, sentenceParts = [] }: Said): string => {
      if (sentenceKey === undefined || !te(`sentences.${sentenceKey}`)) return marked(sentence);
      const { reason, ...values } = sentenceValues;
      const why = sentenceReason ? translated(sentenceReason) : reason === undefined ? undefined : marked(String(reason));
      return t(`sentences.${sentenceKey}`, {
        ...valuesOf(values),
        ...(why !== undefined && { reason: why }),
        ...joinParts(sentenceParts.map(translated)),
      });
    };
    return translated(whole)
      .split(marks)
      .map((text, index): SaidPart => (index % 2 === 0 ? { text, lang: undefined } : { text: english[Number(text)] ?? '', lang: 'en' }))
      .filter(({ text }) => text !== '');
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

function withoutSigns(text: string): string {
  return text.replace(signs, '\uFFFD');
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
    const [before = '', after = ''] = text(place).split(place);
    const own = (part: string): readonly SaidPart[] => (part === '' ? [] : [{ text: part, lang: undefined }]);
    return [...own(before), ...said(evidence), ...own(after)];
  };
}
