import { utf8, utf8Text } from '../../base/bytes.ts';

/** What every stored record says of itself. */
export interface StoredRecord {
  readonly format: 1;
  readonly kind: string;
}

export function encodeRecord(record: StoredRecord): Uint8Array {
  return utf8(JSON.stringify(record));
}

/**
 * The record in a register's state. The state was written by a node of this cluster through the same
 * types, so only version and kind are checked; another kind under this key is a defect and throws.
 */
export function decodeRecord<T extends StoredRecord>(state: Uint8Array, kind: T['kind']): T {
  const record = decodeAnyRecord<StoredRecord>(state);
  if (record.kind !== kind) throw new Error(`a record of kind ${record.kind} lies where a ${kind} belongs`);
  return record as T;
}

/** The record, whatever its kind. */
export function decodeAnyRecord<T extends StoredRecord>(state: Uint8Array): T {
  const record = JSON.parse(utf8Text(state)) as StoredRecord;
  if (record.format !== 1)
    throw new Error(`a ${record.kind} record has format ${String(record.format)}; this version understands 1: update this node`);
  return record as T;
}
