import { describe, expect, it } from 'vitest';
import { emptyBytes, utf8 } from '../base/bytes.ts';
import { MalformedBytes } from './byte-cursor.ts';
import {
  absentRecord,
  decodeRecord,
  decodeRecordState,
  encodeRecord,
  findOperation,
  historyLength,
  historyReaches,
  isTombstone,
  nextValue,
} from './record.ts';
import type { RegisterRecord } from './record.ts';

const id = (number: number): string => number.toString(16).padStart(32, '0');

function changed(base: RegisterRecord, number: number, state: string | null = `state ${number}`): RegisterRecord {
  return decodeRecord(
    nextValue(base, id(number), {
      state: state === null ? null : utf8(state),
      inline: null,
      result: utf8(`result ${number}`),
      atMs: 1000 + number,
    }).head,
  );
}

function afterChanges(count: number): RegisterRecord {
  let record = absentRecord;
  for (let number = 1; number <= count; number++) record = changed(record, number);
  return record;
}

describe('a register record', () => {
  it('counts its changes and keeps the last 16 operations, newest first, with their results', () => {
    const record = afterChanges(20);
    expect(record.version).toBe(20);
    expect(record.history.map((entry) => entry.version)).toEqual(Array.from({ length: historyLength }, (_, index) => 20 - index));
    expect(findOperation(record, id(20))?.result).toEqual(utf8('result 20'));
    expect(findOperation(record, id(5))?.version).toBe(5);
    expect(findOperation(record, id(4))).toBeUndefined();
    expect(record.state).toEqual(utf8('state 20'));
  });

  it('shows version and state without its history', () => {
    const { head } = nextValue(afterChanges(3), id(4), { state: utf8('x'), inline: null, result: emptyBytes, atMs: 5 });
    expect(decodeRecordState(head)).toEqual({ version: 4, state: utf8('x') });
  });

  it('tells a tombstone from an empty state, and drops the inline bytes of a tombstone', () => {
    expect(changed(absentRecord, 1, null).state).toBeNull();
    expect(changed(absentRecord, 1, '').state).toEqual(emptyBytes);
    expect(nextValue(absentRecord, id(1), { state: null, inline: utf8('x'), result: emptyBytes, atMs: 5 }).inline).toBeNull();
  });

  it('knows how far back its history goes without a gap', () => {
    const record = afterChanges(20);
    expect(historyReaches(record, 20)).toBe(true);
    expect(historyReaches(record, 25)).toBe(true);
    expect(historyReaches(record, 4)).toBe(true);
    expect(historyReaches(record, 3)).toBe(false);
    const gap = { ...record, history: record.history.filter((entry) => entry.version !== 18) };
    expect(historyReaches(gap, 18)).toBe(true);
    expect(historyReaches(gap, 17)).toBe(false);
  });

  it('keeps when a tombstone was written, and nothing of the kind otherwise', () => {
    const tombstone = changed(afterChanges(2), 3, null);
    expect(tombstone.deletedAtMs).toBe(1003);
    expect(changed(tombstone, 4).deletedAtMs).toBe(0);
    expect(isTombstone(encodeRecord(tombstone))).toBe(true);
    expect(isTombstone(encodeRecord(changed(tombstone, 4)))).toBe(false);
    // Written by the first release, without a time.
    expect(decodeRecord(encodeRecord(tombstone).subarray(0, -6)).deletedAtMs).toBe(0);
  });

  it('of another format, or cut, is refused', () => {
    const { head } = nextValue(absentRecord, id(1), { state: utf8('x'), inline: null, result: emptyBytes, atMs: 5 });
    expect(() => decodeRecord(head.subarray(0, 12))).toThrow(MalformedBytes);
    expect(() => decodeRecord(Uint8Array.from([7, ...head.subarray(1)]))).toThrow(/format 7/);
  });
});
