import { describe, expect, it } from 'vitest';
import { describeLongRun, lastLines } from './long-report.ts';

describe('the report of the long tests', () => {
  it('names every step with its outcome and the end of what it said', () => {
    const text = describeLongRun({
      date: '2026-01-02',
      machine: '2 cores',
      results: [
        { name: 'simulation', outcome: 'failed', seconds: 7, said: ['2 passed, 1 failed'] },
        { name: 'pages', outcome: 'left out', seconds: 0, said: ['no Chromium'] },
      ],
    });
    expect(text).toContain('# Long tests, 2026-01-02');
    expect(text).toContain('| simulation | failed | 7 s |');
    expect(text).toContain('2 passed, 1 failed');
    expect(text).toContain('| pages | left out | 0 s |');
  });

  it('keeps the last lines, without colours and empty ones', () => {
    expect(lastLines('one\n\u001b[32mtwo\u001b[39m  \n\nthree\n', 2)).toEqual(['two', 'three']);
  });
});
