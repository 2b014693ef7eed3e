import { eventText, type EventText } from '../../contracts/event-texts.ts';

/** How far a change that many Cloud Services had to make was made. */
export interface Reach {
  readonly total: number;
  /** Names of those that did not make it. */
  readonly missed: readonly string[];
}

/** Changes of an administrator that the event log tells as well: what it says of them. */
const texts = {
  'token.create': 'tokenCreated',
  'token.revoke': 'tokenRevoked',
  'user.create': 'userCreated',
  'user.remove': 'userRemoved',
  'user.password': 'userPassword',
  'bucket.create': 'bucketCreated',
  'bucket.remove': 'bucketRemoved',
  'healing.pause': 'healingPaused',
  'healing.resume': 'healingResumed',
  'healing.scrub': 'scrubStarted',
} as const;
const manyTexts = {
  'healing.pause': { all: 'healingPausedOnAll', some: 'healingPausedOnSome' },
  'healing.resume': { all: 'healingResumedOnAll', some: 'healingResumedOnSome' },
} as const;

/** The events have a bound on their length; the answer names all. */
export const mostNamed = 20;

/** What the event log says of an action; undefined: it says nothing. `reach` is of actions that many Cloud Services had to do. Pure. */
export function toldOf(action: string, actor: string, name: string, reach: Reach | null): EventText | undefined {
  if (reach === null) return isIn(texts, action) ? eventText(texts[action], { actor, name }) : undefined;
  if (!isIn(manyTexts, action)) return undefined;
  const { total, missed } = reach;
  if (missed.length === 0) return eventText(manyTexts[action].all, { actor });
  const names = `${missed.slice(0, mostNamed).join(', ')}${missed.length > mostNamed ? `, … (+${missed.length - mostNamed})` : ''}`;
  return eventText(manyTexts[action].some, { actor, reached: total - missed.length, total, names });
}

function isIn<T extends object>(table: T, key: string): key is Extract<keyof T, string> {
  return Object.hasOwn(table, key);
}
