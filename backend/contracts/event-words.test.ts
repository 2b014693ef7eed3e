import { expect, it } from 'vitest';
import { callSentence } from './call-texts.ts';
import { eventText } from './event-texts.ts';
import { eventWords } from './event-words.ts';

it('an event is told by the texts of a language, with the reason that stands within', () => {
  const { sentenceParts: _none, ...told } = eventText('tokenRefused', { name: 'han-9', reason: callSentence('notListed', { id: 'n5' }) });
  const event = {
    ...told,
    sentenceValues: { ...told.sentenceValues },
    sequence: 1,
    atMs: 0,
    severity: 'info' as const,
    subject: null,
    data: {},
  };
  expect(eventWords(event, 'vi')).toBe('han-9 không được cho vào: Nút n5 không có trong danh sách.');
  expect(eventWords(event, 'en')).toBe('han-9 was not let in: Node n5 is not on the list.');
});
