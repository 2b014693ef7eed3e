import { describe, expect, it } from 'vitest';
import type { HealingStatus, HealingView } from '../../contracts/healing.ts';
import { failUnlessAll } from './healing.ts';

const view = (states: Readonly<Record<string, boolean | null>>): HealingView => ({
  nodes: Object.entries(states).map(([name, paused]) => ({ name, status: paused === null ? null : ({ paused } as HealingStatus) })),
});

describe('mcos healing pause and resume', () => {
  it('end well only when every Cloud Service did it', () => {
    expect(() => failUnlessAll(view({ a: true, b: true }), 'pause')).not.toThrow();
    expect(() => failUnlessAll(view({ a: false }), 'resume')).not.toThrow();
    expect(() => failUnlessAll(view({}), 'pause')).not.toThrow();
  });

  it('fail naming those that did not answer, or are not as was asked', () => {
    expect(() => failUnlessAll(view({ a: true, b: null, c: false }), 'pause')).toThrow(
      'Healing is paused on 1 of 3 Cloud Services; not on b, c. Say it again',
    );
    expect(() => failUnlessAll(view({ a: null }), 'resume')).toThrow(
      expect.objectContaining({ code: 'Unreachable', exitCode: 1 }) as Error,
    );
    expect(() => failUnlessAll(view({ a: null }), 'resume')).toThrow('Healing is resumed on 0 of 1 Cloud Services; not on a.');
  });
});
