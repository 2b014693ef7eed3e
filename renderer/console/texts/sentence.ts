import { useI18n } from 'vue-i18n';
import { joinParts } from '../../../backend/contracts/compose-text.ts';
import type { Sentence } from '../../../backend/contracts/spoken.ts';

/** A sentence of the Controller in the language of the page, where it is known; otherwise as it came. */
export function useSentence(): (spoken: Sentence) => string {
  const { t, te, locale } = useI18n();
  const translated = ({ sentence, sentenceKey, sentenceValues, sentenceParts = [] }: Sentence): string => {
    const key = `sentences.${sentenceKey}`;
    if (locale.value === 'en' || !te(key)) return sentence;
    return t(key, { ...sentenceValues, ...joinParts(sentenceParts.map(translated)) });
  };
  return translated;
}
