import { describe, expect, it } from 'vitest';
import type { HistoryEntry, RegisterOperation } from './linearizability.ts';
import { checkLinearizability } from './linearizability.ts';

const at = (calledAt: number, answeredAt: number, operation: RegisterOperation): HistoryEntry => ({
  calledAt,
  answeredAt,
  operation,
  label: operation.kind,
});
const read = (found: string | null): RegisterOperation => ({ kind: 'read', found });
const write = (value: string | null): RegisterOperation => ({ kind: 'write', value });
const swap = (expected: string | null, value: string): RegisterOperation => ({ kind: 'swap', expected, value });

describe('the linearizability checker', () => {
  const verdict = (...history: HistoryEntry[]): string => checkLinearizability(history).kind;

  it('accepts what some order explains', () => {
    expect(verdict()).toBe('linearizable');
    expect(verdict(at(1, 2, read(null)), at(3, 4, write('a')), at(5, 6, read('a')))).toBe('linearizable');
    // Concurrent writes: either may be last.
    expect(verdict(at(1, 4, write('a')), at(2, 3, write('b')), at(5, 6, read('a')))).toBe('linearizable');
    expect(verdict(at(1, 4, write('a')), at(2, 3, write('b')), at(5, 6, read('b')))).toBe('linearizable');
  });

  it('refuses a stale read, a lost write, and a read of what nobody wrote', () => {
    expect(verdict(at(1, 2, write('a')), at(3, 4, read(null)))).toBe('violated');
    expect(verdict(at(1, 2, write('a')), at(3, 4, write('b')), at(5, 6, read('a')))).toBe('violated');
    expect(verdict(at(1, 2, read('x')))).toBe('violated');
    // New, then old again, both reads after each other.
    expect(verdict(at(1, 2, write('a')), at(3, 9, write('b')), at(4, 5, read('b')), at(6, 7, read('a')))).toBe('violated');
  });

  it('lets an unknown outcome take effect late, or never, but not before its call nor twice', () => {
    expect(verdict(at(1, Infinity, write('a')), at(2, 3, read(null)), at(4, 5, read('a')))).toBe('linearizable');
    expect(verdict(at(1, Infinity, write('a')), at(2, 3, read(null)))).toBe('linearizable');
    expect(verdict(at(1, 2, read('a')), at(3, Infinity, write('a')))).toBe('violated');
    expect(verdict(at(1, Infinity, write('a')), at(2, 3, read('a')), at(4, 5, write('b')), at(6, 7, read('a')))).toBe('violated');
  });

  it('knows conditional writes: one winner, and a refusal needs a reason', () => {
    expect(verdict(at(1, 4, swap(null, 'a')), at(2, 3, { kind: 'refused-swap', expected: null }))).toBe('linearizable');
    expect(verdict(at(1, 4, swap(null, 'a')), at(2, 3, swap(null, 'b')))).toBe('violated');
    expect(verdict(at(1, 2, { kind: 'refused-swap', expected: null }), at(3, 4, swap(null, 'a')))).toBe('violated');
  });

  it('tries without the unknown writes that nobody saw, but does not forget them', () => {
    // The refusal is right only if the unseen write had happened.
    const refused: RegisterOperation = { kind: 'refused-swap', expected: 'a' };
    expect(verdict(at(1, 2, write('a')), at(3, Infinity, write('unseen')), at(4, 5, refused))).toBe('linearizable');
    expect(verdict(at(1, 2, write('a')), at(4, 5, refused), at(6, Infinity, write('unseen')))).toBe('violated');
  });

  it('decides long histories with many concurrent operations', () => {
    const history: HistoryEntry[] = [];
    for (let index = 0; index < 300; index++) {
      history.push(at(10 * index, 10 * index + 25, write(`v${index}`)));
      history.push(at(10 * index + 1, 10 * index + 30, read(`v${index}`)));
    }
    expect(checkLinearizability(history).kind).toBe('linearizable');
  });
});
