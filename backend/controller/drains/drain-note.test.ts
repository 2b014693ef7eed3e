import { expect, it } from 'vitest';
import { drainNote, type NoteFacts } from './drain-note.ts';

const none = { blobs: 0, bytes: 0 };
const own = { stored: none, takesCopies: false };
const facts: NoteFacts = {
  name: 'oslo',
  named: { named: none, onlyThere: none, settled: true, silent: [], unreadableLists: 0, own },
  troubled: [],
  isDead: false,
  nameOf: (id) => id.toUpperCase(),
};
const some = { blobs: 2, bytes: 9 };

it('a drain that goes on has nothing to say', () => {
  expect(drainNote(facts)).toBeNull();
  expect(drainNote({ ...facts, named: { ...facts.named, named: some } })).toBeNull();
  expect(drainNote({ ...facts, isDead: true, named: { ...facts.named, own: null } })).toBeNull();
});

it.each<[string, Partial<NoteFacts['named']>, string[], string]>([
  ['copiesFailed', { named: some }, ['han-1 (3)'], 'tried again: han-1 (3). Is there room'],
  ['onlyThere', { named: some, onlyThere: some, own: null }, [], '2 blobs have no copy on another Cloud Service that answers: oslo must'],
  ['fromOthers', { named: some, own: null }, [], 'made from the others'],
  ['unreadableLists', { unreadableLists: 3 }, [], '3 lists of blobs'],
  ['silent', { settled: false, silent: ['a', 'b'] }, [], 'no answer yet from A, B.'],
  ['silent', { settled: false, silent: [...'abcdefg'] }, [], 'no answer yet from A, B, C, D, E, ….'],
  ['notAnswering', { own: null }, [], 'does not answer just now'],
  ['beingRemoved', { own: { stored: some, takesCopies: false } }, [], '2 blobs on its disk'],
])('one that waits says for what, and by which text: %s', (id, changes, troubled, text) => {
  const note = drainNote({ ...facts, named: { ...facts.named, ...changes }, troubled });
  expect(note?.sentence).toContain(text);
  expect(note?.spoken).toMatchObject({ sentence: note?.sentence, sentenceKey: `drain.${id}` });
});
