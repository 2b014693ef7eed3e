import { useI18n } from 'vue-i18n';
import type { ApiError } from './api-client.ts';
import { useSaid, type SaidPart } from './said.ts';
import { saidInFull } from './vietnamese-errors.ts';

/** What went wrong, in the language of the page. */
export interface ProblemText {
  readonly parts: readonly SaidPart[];
  /** The API's own sentence, in English, where it tells more than the parts do. */
  readonly original: string | null;
}

/** By the sentence with its values where it has a text, otherwise by what its code means; as the API said it where neither is known. */
export function useProblemText(): (problem: Pick<ApiError, 'code' | 'message' | 'spoken'>) => ProblemText {
  const { t, te, locale } = useI18n();
  const said = useSaid();
  return ({ code, message, spoken }) => {
    if (spoken !== undefined && locale.value !== 'en' && te(`sentences.${spoken.sentenceKey}`))
      return { parts: said(spoken), original: null };
    const key = `errors.${code}`;
    if (!te(key)) return { parts: [{ text: message, lang: 'en' }], original: null };
    return { parts: [{ text: t(key), lang: undefined }], original: saidInFull.has(code) || locale.value === 'en' ? null : message };
  };
}
