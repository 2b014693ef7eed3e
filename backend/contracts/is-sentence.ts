import type { SpokenMessage as Sentence } from '../base/outcome.ts';

/** How much a sentence says, with all that stand within. */
export interface Budget {
  readonly sentences: number;
  readonly characters: number;
}

/** Our own are nowhere near it (a failure for each of five nodes, each with the chain of its reasons); whoever sends more is refused. */
export const mostSaid: Budget = { sentences: 64, characters: 32_000 };
/** A failure that names the failure of another that names a third goes nowhere near it. */
export const deepest = 12;
/** Of one text. */
export const longestText = 2_000;
export const mostValues = 32;

/** Whether what another process has sent is a sentence, and none that would fill the disks and pages of those who keep and show it. Pure. */
export function isSentence(value: unknown): value is Sentence {
  return fits(value, mostSaid, 0);
}

/** The same for one within another. Pure. */
export function fits(value: unknown, most: Budget, depth: number): boolean {
  return takes({ ...most }, value, depth);
}

/** Whether so much is left for it; it is less then. */
function takes(left: { -readonly [Name in keyof Budget]: number }, value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > deepest) return false;
  const { sentence, sentenceKey, sentenceValues, sentenceReason, sentenceParts = [] } = value as Record<string, unknown>;
  if (!isText(sentence) || !isText(sentenceKey) || !isValues(sentenceValues) || !Array.isArray(sentenceParts)) return false;
  left.sentences -= 1;
  left.characters -= charactersOf({ sentence, sentenceKey, sentenceValues });
  // Before those within are looked at: of a hundred thousand only the first few are.
  if (left.characters < 0 || left.sentences < sentenceParts.length) return false;
  return (
    (sentenceReason === undefined || takes(left, sentenceReason, depth + 1)) && sentenceParts.every((part) => takes(left, part, depth + 1))
  );
}

/** Of the sentence without those within. Pure. */
export function charactersOf({
  sentence,
  sentenceKey,
  sentenceValues,
}: Pick<Sentence, 'sentence' | 'sentenceKey' | 'sentenceValues'>): number {
  const values = Object.entries(sentenceValues).map(([name, value]) => name.length + String(value).length);
  return sentence.length + sentenceKey.length + values.reduce((sum, length) => sum + length, 0);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestText;
}

function isValues(value: unknown): value is Sentence['sentenceValues'] {
  if (typeof value !== 'object' || value === null) return false;
  const values = Object.entries(value);
  return values.length <= mostValues && values.every(([name, one]) => isText(name) && (isText(one) || Number.isFinite(one)));
}
