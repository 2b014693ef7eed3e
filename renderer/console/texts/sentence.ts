import { useI18n } from 'vue-i18n';
import type { Spoken } from '../../../backend/contracts/spoken.ts';

/** A sentence of the Controller in the language of the page, where it is known; otherwise as it came. */
export function useSentence(): (spoken: Spoken) => string {
  const { t, te, locale } = useI18n();
  return (spoken) => {
    const key = `sentences.${spoken.sentenceKey}`;
    return locale.value !== 'en' && te(key) ? t(key, spoken.sentenceValues) : spoken.sentence;
  };
}
