import { describe, expect, it } from 'vitest';
import { filterOf } from './use-event-search.ts';

describe('what is asked of the Controller', () => {
  it('leaves out what filters nothing', () => {
    expect(filterOf({ text: '  ', severity: 'info', kind: '' })).toEqual({});
    expect(filterOf({ text: ' han-1 ', severity: 'error', kind: 'node' })).toEqual({ text: 'han-1', severity: 'error', kind: 'node' });
  });
});
