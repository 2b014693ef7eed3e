import { describe, expect, it } from 'vitest';
import type { EventView } from '../../contracts/admin-api.ts';
import { eventText } from '../../contracts/event-texts.ts';
import { findEvents } from './find-events.ts';

const events: EventView[] = Array.from({ length: 25_000 }, (_, index) => ({
  sequence: index + 1,
  atMs: 1000 * (index + 1),
  kind: index % 2 === 0 ? 'node.state' : 'rings.progress',
  severity: index % 1000 === 0 ? 'error' : index % 10 === 0 ? 'warning' : 'info',
  subject: index % 3 === 0 ? 'han-1' : null,
  message: index === 7 ? 'Một nút ĐẶC BIỆT' : `event ${index}`,
  data: {},
}));
const log = {
  history: ({ before, limit }: { before?: number; limit: number }) =>
    events
      .slice(0, before === undefined ? undefined : before - 1)
      .slice(-limit)
      .reverse(),
};

describe('events searched for', () => {
  it('come newest first, those and worse ones', () => {
    const found = findEvents(log, { severity: 'warning' }, { limit: 3 });
    expect(found.events.map((event) => event.sequence)).toEqual([24_991, 24_981, 24_971]);
    expect(found.next).toBe(24_971);
    expect(findEvents(log, { severity: 'error' }, { limit: 100 }).events).toHaveLength(10);
  });

  it('go on where the last answer ended, until everything was looked at', () => {
    const all: number[] = [];
    let next: number | null | undefined;
    for (let pages = 0; next !== null && pages < 10; pages++) {
      const found = findEvents(log, { text: 'đặc biệt' }, { limit: 5, ...(next === undefined ? {} : { before: next }) });
      all.push(...found.events.map((event) => event.sequence));
      next = found.next;
    }
    expect(all).toEqual([8]);
    expect(next).toBeNull();
  });

  it('by kind or its first word, subject and time', () => {
    const kinds = (kind: string) => new Set(findEvents(log, { kind }, { limit: 50 }).events.map((event) => event.kind));
    expect(kinds('node')).toEqual(new Set(['node.state']));
    expect(kinds('rings.progress')).toEqual(new Set(['rings.progress']));
    expect(kinds('nod')).toEqual(new Set());
    const found = findEvents(log, { subject: 'han-1', sinceMs: 24_000_000, untilMs: 24_010_000 }, { limit: 50 });
    expect(found.events.map((event) => event.sequence)).toEqual([24_010, 24_007, 24_004, 24_001]);
  });

  it('by what they say in the language that is asked for, names and figures within, and by their English', () => {
    const evidence = { sentence: 'answers the Controller', sentenceKey: 'evidence.answers', sentenceValues: {} };
    const said = [
      eventText('healingFinished', { name: 'han-1', copies: 12_345, bytes: 1536 }),
      eventText('nodeIsHealthy', { name: 'sgn-1' }, evidence),
      eventText('tokenRefused', { name: 'han-9', reason: 'The join token has expired.' }),
    ].map((text, index): EventView => ({
      ...text,
      sequence: index + 1,
      atMs: 0,
      severity: 'info',
      subject: null,
      sentenceValues: { ...text.sentenceValues },
      sentenceParts: [...(text.sentenceParts ?? [])],
      data: {},
    }));
    const spoken = { history: () => said.toReversed() };
    const found = (text: string, language?: 'vi'): number[] =>
      findEvents(spoken, { text, ...(language && { language }) }, { limit: 9 }).events.map(({ sequence }) => sequence);
    expect(found('han-1 đã khôi phục 12.345 bản sao (1,5 KiB)', 'vi')).toEqual([1]);
    expect(found('Đã Khôi Phục'.normalize('NFD'), 'vi')).toEqual([1]);
    expect(found('sgn-1 khỏe: trả lời Controller', 'vi')).toEqual([2]);
    expect(found('không được cho vào: The join token', 'vi')).toEqual([3]);
    expect(found('has restored', 'vi')).toEqual([1]);
    expect(found('đã khôi phục')).toEqual([]);
  });
});
