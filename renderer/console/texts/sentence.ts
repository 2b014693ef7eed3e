import { useI18n } from 'vue-i18n';

/** A sentence of the Controller in the language of the page, where it is known; otherwise as it came. */
export function useSentence(): (spoken: {
  sentence: string;
  sentenceKey: string;
  sentenceValues: Record<string, string | number>;
}) => string {
  const { t, te, locale } = useI18n();
  return (spoken) => {
    const key = `sentences.${spoken.sentenceKey}`;
    return locale.value !== 'en' && te(key) ? t(key, spoken.sentenceValues) : spoken.sentence;
  };
}
