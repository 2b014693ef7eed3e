import { charactersOf, deepest, fits, longestText, mostSaid, type Budget } from './is-sentence.ts';
import type { Sentence } from './spoken.ts';

/** Less than this of a sentence is not worth showing. */
const fewestCharacters = 100;

/**
 * The sentence as it is kept and sent: whole if it fits, as every one of our own does. Of one that repeats what others have said at great
 * length, each of those within has its equal share: what is longer is told in English alone, which says the same, and the others as they were. Pure.
 */
export function boundedSentence(said: Sentence): Sentence {
  return shortened(said, mostSaid, 0);
}

/** Shows that it was cut. Pure. */
export function cutText(text: string, most = longestText): string {
  return text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function shortened(said: Sentence, most: Budget, depth: number): Sentence {
  if (fits(said, most, depth)) return said;
  const { sentenceReason, sentenceParts } = said;
  const own = { sentence: cutText(said.sentence), sentenceKey: said.sentenceKey, sentenceValues: cutValues(said.sentenceValues) };
  const within = (sentenceReason === undefined ? 0 : 1) + (sentenceParts?.length ?? 0);
  const share: Budget = {
    sentences: Math.floor((most.sentences - 1) / Math.max(1, within)),
    characters: Math.floor((most.characters - charactersOf(own)) / Math.max(1, within)),
  };
  const isFull = depth === deepest || share.sentences < 1 || share.characters < fewestCharacters;
  if (!fits(own, most, depth) || (within > 0 && isFull)) return inEnglish(said, most);
  return {
    ...own,
    ...(sentenceReason && { sentenceReason: shortened(sentenceReason, share, depth + 1) }),
    ...(sentenceParts && { sentenceParts: sentenceParts.map((part) => shortened(part, share, depth + 1)) }),
  };
}

/** One without a text is shown as it came, marked as English. */
function inEnglish({ sentence }: Sentence, { characters }: Budget): Sentence {
  return { sentence: cutText(sentence, Math.min(longestText, characters)), sentenceKey: '', sentenceValues: {} };
}

function cutValues(values: Sentence['sentenceValues']): Sentence['sentenceValues'] {
  const cut = (value: string | number): string | number =>
    typeof value === 'string' ? cutText(value) : Number.isFinite(value) ? value : String(value);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, cut(value)]));
}
