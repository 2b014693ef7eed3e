import { describe, expect, it } from 'vitest';
import { createOtherClock } from './other-clock.ts';

describe('the clock of the other side', () => {
  const at = Date.UTC(2026, 10, 30, 12, 0, 0);
  const said = (ms: number): string => new Date(ms).toUTCString();

  it('is ours when both show about the same', () => {
    const clock = createOtherClock(() => at + 900);
    expect(clock.aheadMs()).toBe(0);
    clock.hear(said(at));
    expect(clock.aheadMs()).toBe(0);
  });

  it('is an hour behind or ahead as its answers say, until they say otherwise', () => {
    const clock = createOtherClock(() => at);
    clock.hear(said(at - 3_600_000));
    expect(clock.aheadMs()).toBe(-3_600_000);
    clock.hear('no date');
    expect(clock.aheadMs()).toBe(-3_600_000);
    clock.hear(said(at + 7_000));
    expect(clock.aheadMs()).toBe(7_000);
    clock.hear(said(at));
    expect(clock.aheadMs()).toBe(0);
  });
});
