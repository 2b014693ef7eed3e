import { describe, expect, it } from 'vitest';
import { createPinoLogger } from './pino-logger.ts';
import { createSystemClock } from './system-clock.ts';
import { createSystemRandom } from './system-random.ts';

describe('the system clock', () => {
  it('runs a task once after its delay, unless it is cancelled', async () => {
    const clock = createSystemClock();
    const startMs = clock.monotonicMs();
    let cancelledRan = false;
    const cancelled = clock.schedule(5, () => (cancelledRan = true));
    cancelled.cancel();
    cancelled.cancel();
    await new Promise<void>((resolve) => clock.schedule(20, resolve));
    expect(clock.monotonicMs() - startMs).toBeGreaterThanOrEqual(19);
    expect(cancelledRan).toBe(false);
    expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(1000);
  });

  it('does not run a task early because its delay is very long', async () => {
    const clock = createSystemClock();
    let ran = false;
    const timer = clock.schedule(2 ** 40, () => (ran = true));
    await new Promise<void>((resolve) => clock.schedule(10, resolve));
    expect(ran).toBe(false);
    timer.cancel();
  });
});

describe('the system random', () => {
  it('gives bytes with memory of their own and fractions below one', () => {
    const random = createSystemRandom();
    const bytes = random.bytes(16);
    expect(bytes).toHaveLength(16);
    expect(bytes.buffer.byteLength).toBe(16);
    expect(random.bytes(16)).not.toEqual(bytes);
    const fraction = random.fraction();
    expect(fraction >= 0 && fraction < 1).toBe(true);
  });
});

describe('the log', () => {
  it('is one JSON line an entry, with the fields of its ancestors', () => {
    const lines: string[] = [];
    const logger = createPinoLogger({ level: 'info', destination: { write: (line) => lines.push(line) } });
    logger.child({ node: 'n1' }).warn({ count: 2 }, 'two are missing');
    logger.debug({}, 'not shown');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 40, node: 'n1', count: 2, msg: 'two are missing' });
    expect(lines[0]?.endsWith('\n')).toBe(true);
  });
});
