import type { Failure } from '../base/outcome.ts';
import type { Sentence } from './spoken.ts';

/** Why something does not go on; `spoken`, for translations, is missing where it is passed on. */
export interface Note {
  readonly sentence: string;
  readonly spoken?: Sentence;
}

export function spokenNote(spoken: Sentence): Note {
  return { sentence: spoken.sentence, spoken };
}

/** What failed is what does not go on. */
export function failureNote({ message, spoken }: Failure): Note {
  return spoken === undefined ? { sentence: message } : spokenNote(spoken);
}
