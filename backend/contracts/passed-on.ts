import type { Failure } from '../base/outcome.ts';
import type { Spoken } from './spoken.ts';

/**
 * A failure within the sentence of another, said as `sentence`. One without a text, or with sentences of its own within, is
 * passed on as it came, in English.
 */
export function passedOn(
  { message, spoken }: { readonly message: string; readonly spoken?: Failure['spoken'] | undefined },
  sentence = message,
): Spoken {
  if (spoken === undefined || spoken.sentenceParts !== undefined) return { sentence, sentenceKey: '', sentenceValues: {} };
  const { sentenceKey, sentenceValues } = spoken;
  return { sentence, sentenceKey, sentenceValues };
}
