import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createEarlyPrepares } from './early-prepares.ts';
import { registerKeyText } from './key-text.ts';
import type { RegisterKey } from './register-store.ts';
import type { Attempt } from './replica-calls.ts';
import type { Rounds } from './rounds.ts';

const key: RegisterKey = { ring: 'object', hash: 7, key: new Uint8Array([1]) };
const attempt: Attempt = { regime: { epoch: 1, phase: 'active' }, groups: [['a']], nodes: ['a'] };
/** As when the store of this very node cannot be read. */
const broken: Rounds = {
  prepare: () => Promise.reject(new Error('the disk cannot be read')),
  accept: () => Promise.reject(new Error('not asked for')),
};

const unhandled = vi.fn();
afterEach(() => void process.off('unhandledRejection', unhandled));

describe('a prepare that ran ahead and failed', () => {
  it('is told to whoever takes it, and to nobody if nobody does', async () => {
    process.on('unhandledRejection', unhandled);
    const early = createEarlyPrepares({ clock: createSystemClock(), rounds: broken, capacity: 2, lifeMs: 60_000 });
    const text = registerKeyText(key);
    early.start(text, attempt, key).abandon();
    early.start(text, attempt, key);
    const last = early.start(text, attempt, key);
    // Node tells of rejections that nobody handles once the microtasks are done.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    await expect(early.take(text, last, attempt.regime)).rejects.toThrow('the disk cannot be read');
    expect(unhandled).not.toHaveBeenCalled();
  });
});
