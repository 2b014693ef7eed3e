import { describe, expect, it } from 'vitest';
import { createProgressDisplay } from './progress-display.ts';

describe('progress', () => {
  const shown = (isTTY: boolean): { written: string[]; show: ReturnType<typeof createProgressDisplay> } => {
    const written: string[] = [];
    return { written, show: createProgressDisplay({ isTTY, columns: 60, write: (text: string) => written.push(text) }) };
  };

  it('is a line whenever something moved, where nobody watches', () => {
    const { written, show } = shown(false);
    show({ text: 'sync', done: 0.5 });
    show({ text: 'sync', done: 0.5 });
    show(null);
    expect(written).toEqual([`[${'#'.repeat(12)}${'-'.repeat(12)}] 50 % sync\n`]);
  });

  it('is one line that is written over, on a terminal, and never wraps', () => {
    const { written, show } = shown(true);
    show({ text: 'x'.repeat(200), done: 2 });
    show(null);
    expect(written[0]?.startsWith('\r\u001B[K[########################]')).toBe(true);
    expect(written[0]?.length).toBe(59 + 4);
    expect(written[1]).toBe('\r\u001B[K');
  });
});
