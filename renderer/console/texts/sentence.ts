import { useI18n } from 'vue-i18n';
import type { Spoken } from '../../../backend/contracts/spoken.ts';

/** A sentence of the Controller, and what it is made of. */
interface Sentence extends Spoken {
  readonly sentenceParts?: readonly Spoken[];
}

/** A sentence of the Controller in the language of the page, where it is known; otherwise as it came. */
export function useSentence(): (spoken: Sentence) => string {
  const { t, te, locale } = useI18n();
  const translated = ({ sentence, sentenceKey, sentenceValues, sentenceParts = [] }: Sentence): string => {
    const key = `sentences.${sentenceKey}`;
    if (locale.value === 'en' || !te(key)) return sentence;
    return t(key, { ...sentenceValues, parts: sentenceParts.map(translated).join(', ') });
  };
  return translated;
}
