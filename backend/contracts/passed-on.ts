import type { Failure } from '../base/outcome.ts';
import type { Sentence } from './spoken.ts';

/** A failure within the sentence of another, said as `sentence`. One without a text is passed on as it came, in English. */
export function passedOn(
  { message, spoken }: { readonly message: string; readonly spoken?: Failure['spoken'] | undefined },
  sentence = message,
): Sentence {
  return spoken === undefined ? { sentence, sentenceKey: '', sentenceValues: {} } : { ...spoken, sentence };
}
