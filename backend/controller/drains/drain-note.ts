import { drainSentence } from '../../contracts/drain-texts.ts';
import { spokenNote, type Note } from '../../contracts/note.ts';
import { firstNames } from '../../contracts/ring-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { NamedInCluster } from './named-copies.ts';

export interface NoteFacts {
  readonly name: string;
  readonly named: NamedInCluster;
  /** Those that could not make copies, with how many. */
  readonly troubled: readonly string[];
  /** So long silent that it cannot be writing anything. */
  readonly isDead: boolean;
  readonly nameOf: (nodeId: string) => string;
}

/** What a drain that copies is waiting for; null: it goes on. Pure. */
export function drainNote(facts: NoteFacts): Note | null {
  const spoken = waitsFor(facts);
  return spoken === null ? null : spokenNote(spoken);
}

function waitsFor({ name, named, troubled, isDead, nameOf }: NoteFacts): Sentence | null {
  const { own } = named;
  if (named.named.blobs > 0 && troubled.length > 0) return drainSentence('copiesFailed', { names: firstNames(troubled) });
  if (named.onlyThere.blobs > 0 && own === null) return drainSentence('onlyThere', { blobs: named.onlyThere.blobs, name });
  if (named.named.blobs > 0) return own === null ? drainSentence('fromOthers', {}) : null;
  if (named.unreadableLists > 0) return drainSentence('unreadableLists', { lists: named.unreadableLists });
  if (!named.settled && named.silent.length > 0) return drainSentence('silent', { names: firstNames(named.silent.map(nameOf)) });
  if (own === null) return isDead ? null : drainSentence('notAnswering', {});
  return own.stored.blobs > 0 ? drainSentence('beingRemoved', { blobs: own.stored.blobs }) : null;
}
