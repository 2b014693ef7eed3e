import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../linearizability.ts';
import { checkHistory } from '../linearizability.ts';
import type { KeyState, ObjectOperation } from './object-model.ts';
import { keyModel } from './object-model.ts';

/** One operation after another; `null` for an answer that never came. */
function verdict(...operations: (ObjectOperation | [ObjectOperation, null])[]): string {
  const history = operations.map((entry, index): HistoryEntry<ObjectOperation> => {
    const [operation, isKnown] = Array.isArray(entry) ? [entry[0], false] : [entry, true];
    return { operation, calledAt: 2 * index, answeredAt: isKnown ? 2 * index + 1 : Infinity, label: operation.kind };
  });
  return checkHistory<KeyState, ObjectOperation>(history, 'gone', keyModel).kind;
}

const create: ObjectOperation = { kind: 'create-bucket' };
const remove: ObjectOperation = { kind: 'remove-bucket' };
const put = (value: KeyState): ObjectOperation => ({ kind: 'put', value });
const found = (value: KeyState): ObjectOperation => ({ kind: 'found', value });

describe('what users are told of one key', () => {
  it('1, 12: a read or a listing that shows an older value, or misses one that was acknowledged', () => {
    expect(verdict(create, put('v1'), put('v2'), found('v2'))).toBe('linearizable');
    expect(verdict(create, put('v1'), put('v2'), found('v1'))).toBe('violated');
    expect(verdict(create, put('v1'), found('empty'))).toBe('violated');
    expect(verdict(create, put('v1'), { kind: 'remove' }, found('v1'))).toBe('violated');
  });

  it('1: an unknown write counts or not, but for everybody alike', () => {
    expect(verdict(create, put('v1'), [put('v2'), null], found('v2'))).toBe('linearizable');
    expect(verdict(create, put('v1'), [put('v2'), null], found('v1'))).toBe('linearizable');
    expect(verdict(create, put('v1'), [put('v2'), null], found('v2'), found('v1'))).toBe('violated');
  });

  it('5: a condition that is said to have failed although it held', () => {
    expect(verdict(create, { kind: 'put-if-absent', value: 'v1' })).toBe('linearizable');
    expect(verdict(create, { kind: 'refused-if-absent' })).toBe('violated');
    expect(verdict(create, put('v1'), { kind: 'refused-if-match', expected: 'v1' })).toBe('violated');
    expect(verdict(create, put('v1'), { kind: 'put-if-match', expected: 'v2', value: 'v3' })).toBe('violated');
  });

  it('12: an acknowledged object in a bucket that was deleted', () => {
    expect(verdict(create, put('v1'), { kind: 'remove' }, remove, found('gone'))).toBe('linearizable');
    expect(verdict(create, put('v1'), remove)).toBe('violated');
    expect(verdict(create, remove, put('v1'))).toBe('violated');
  });
});
