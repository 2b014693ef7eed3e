import { expect, it } from 'vitest';
import { eventTexts } from '../../../backend/contracts/event-texts.ts';
import { vietnameseEvents } from './vi-events.ts';

const texts: [string, string][] = Object.entries(eventTexts).map(([id, { text }]) => [id, text]);
const spoken: Readonly<Record<string, string>> = vietnameseEvents;

it('whatever the Controller can append has a Vietnamese text, and no text is left over', () => {
  // The log takes only what the table has, so a new kind of event is in it.
  expect(Object.keys(spoken).toSorted()).toEqual(texts.map(([id]) => id).toSorted());
});

it('both languages of an event name the same values', () => {
  const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].toSorted();
  expect(texts.filter(([id, text]) => values(text).join() !== values(spoken[id] ?? '').join())).toEqual([]);
});
