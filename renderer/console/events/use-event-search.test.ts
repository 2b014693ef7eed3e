import { describe, expect, it } from 'vitest';
import { filterOf } from './use-event-search.ts';

describe('what is asked of the Controller', () => {
  it('leaves out what filters nothing', () => {
    expect(filterOf({ text: '  ', severity: 'info', kind: '' }, 'vi')).toEqual({});
    expect(filterOf({ text: ' han-1 ', severity: 'error', kind: 'node' }, 'en')).toEqual({
      text: 'han-1',
      severity: 'error',
      kind: 'node',
    });
  });

  it('names the language, where words are looked for in another one than English', () => {
    expect(filterOf({ text: 'khỏe', severity: 'info', kind: '' }, 'vi')).toEqual({ text: 'khỏe', language: 'vi' });
  });
});
