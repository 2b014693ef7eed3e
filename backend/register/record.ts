import type { OperationId } from '../contracts/ids.ts';
import { ByteReader, ByteWriter, MalformedBytes } from './byte-cursor.ts';
import type { RegisterState } from './register-client.ts';
import type { RegisterValue } from './register-store.ts';

/** Operations remembered in a record. */
export const historyLength = 16;
/** Bytes that the result of one operation may have. */
export const maxResultBytes = 256;

/** One change that a record went through: it made `version`. */
export interface HistoryEntry {
  readonly operationId: OperationId;
  readonly version: number;
  readonly result: Uint8Array;
}

/**
 * What a register's head holds: format, version counter, the last 16 operations (newest first), and
 * the state or a tombstone.
 */
export interface RegisterRecord {
  readonly version: number;
  readonly history: readonly HistoryEntry[];
  /** Null: tombstone. */
  readonly state: Uint8Array | null;
  /** When a tombstone was written, by the clock of whoever wrote it; only how long it is kept depends on it. 0: unknown, or no tombstone. */
  readonly deletedAtMs: number;
}

/** A register that was never written. */
export const absentRecord: RegisterRecord = { version: 0, history: [], state: null, deletedAtMs: 0 };

const recordFormat = 1;
const flagTombstone = 1;
const operationIdSizeBytes = 16;
const timeSizeBytes = 6;

export function encodeRecord(record: RegisterRecord): Uint8Array {
  let size = 1 + 1 + 6 + 1 + (record.state?.length ?? timeSizeBytes);
  for (const entry of record.history) size += operationIdSizeBytes + 6 + 2 + entry.result.length;
  const writer = new ByteWriter(size);
  writer.u8(recordFormat);
  writer.u8(record.state === null ? flagTombstone : 0);
  writer.u48(record.version);
  writer.u8(record.history.length);
  for (const entry of record.history) {
    writer.hex(entry.operationId);
    writer.u48(entry.version);
    writer.u16(entry.result.length);
    writer.raw(entry.result);
  }
  if (record.state !== null) writer.raw(record.state);
  else writer.u48(record.deletedAtMs);
  return writer.finish();
}

/** The record of a head; views on the bytes, not copies. Throws `MalformedBytes`. */
export function decodeRecord(head: Uint8Array): RegisterRecord {
  const reader = new ByteReader(head);
  const flags = readStart(reader);
  const version = reader.u48();
  const count = reader.u8();
  const history: HistoryEntry[] = [];
  for (let index = 0; index < count; index++) {
    const operationId = reader.hex(operationIdSizeBytes);
    const entryVersion = reader.u48();
    history.push({ operationId, version: entryVersion, result: reader.raw(reader.u16()) });
  }
  if ((flags & flagTombstone) === 0) return { version, history, state: reader.raw(reader.left), deletedAtMs: 0 };
  return { version, history, state: null, deletedAtMs: reader.left >= timeSizeBytes ? reader.u48() : 0 };
}

/** Whether a head is a tombstone, at the cost of two bytes. */
export function isTombstone(head: Uint8Array): boolean {
  return head[0] === recordFormat && ((head[1] ?? 0) & flagTombstone) !== 0;
}

/** Version and state alone, without the cost of the history: for listings, and for whoever walks a store. Throws `MalformedBytes`. */
export function decodeRecordState(head: Uint8Array): { version: number; state: Uint8Array | null } {
  const reader = new ByteReader(head);
  const flags = readStart(reader);
  const version = reader.u48();
  const count = reader.u8();
  for (let index = 0; index < count; index++) {
    reader.raw(operationIdSizeBytes + 6);
    reader.raw(reader.u16());
  }
  return { version, state: (flags & flagTombstone) !== 0 ? null : reader.raw(reader.left) };
}

function readStart(reader: ByteReader): number {
  const format = reader.u8();
  if (format !== recordFormat) throw new MalformedBytes(`record of format ${format}; this release knows ${recordFormat}`);
  return reader.u8();
}

/** The state of a stored value as the layers above see it. */
export function registerState(record: RegisterRecord, inline: Uint8Array | null): RegisterState {
  return { version: record.version, state: record.state, inline: record.state === null ? null : inline };
}

/** The record and value after one more change. */
export function nextValue(
  base: RegisterRecord,
  operationId: OperationId,
  change: { state: Uint8Array | null; inline: Uint8Array | null; result: Uint8Array; atMs: number },
): RegisterValue {
  const version = base.version + 1;
  const history = [{ operationId, version, result: change.result }, ...base.history.slice(0, historyLength - 1)];
  const deletedAtMs = change.state === null ? change.atMs : 0;
  return {
    head: encodeRecord({ version, history, state: change.state, deletedAtMs }),
    inline: change.state === null ? null : change.inline,
  };
}

/** What `operationId` answered when it took effect; undefined when the history does not have it. */
export function findOperation(record: RegisterRecord, operationId: OperationId): HistoryEntry | undefined {
  return record.history.find((entry) => entry.operationId === operationId);
}

/** Whether the history names every change after `version`, without a gap. */
export function historyReaches(record: RegisterRecord, version: number): boolean {
  if (record.version <= version) return true;
  let expected = record.version;
  for (const entry of record.history) {
    if (entry.version !== expected) return false;
    expected -= 1;
    if (expected <= version) return true;
  }
  return false;
}
