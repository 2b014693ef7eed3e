import { success, type Outcome } from '../../base/outcome.ts';
import { concatBytes, emptyBytes } from '../../base/bytes.ts';
import type { Random } from '../../base/random.ts';
import { toHex } from '../../base/bytes.ts';
import type { OperationId } from '../../contracts/ids.ts';
import type { FenceClaim } from '../../register/register-client.ts';
import type { ChangeOptions, Decision, RegisterAnchor, RegisterClient, RegisterState } from '../../register/register-client.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { Changed, Found, RecordDecision } from './names.ts';
import { decodeRecord, encodeRecord, type StoredRecord } from './record-codec.ts';

/** Registers that hold records of one kind as JSON. */
export interface TypedRegisters<T extends StoredRecord> {
  read(key: RegisterKey, fence?: FenceClaim): Promise<Outcome<Found<T> | null>>;
  settle(key: RegisterKey): Promise<Outcome<Found<T> | null>>;
  anchor(key: RegisterKey, fence?: FenceClaim): Promise<Outcome<{ found: Found<T> | null; anchor: RegisterAnchor }>>;
  change(
    key: RegisterKey,
    operationId: OperationId,
    decide: (current: Found<T> | null) => RecordDecision<T>,
    options?: ChangeOptions,
  ): Promise<Outcome<Changed<T>>>;
}

export function createTypedRegisters<T extends StoredRecord>(registers: RegisterClient, kind: T['kind']): TypedRegisters<T> {
  const found = (current: RegisterState): Found<T> | null =>
    current.state === null ? null : { record: decodeRecord<T>(current.state, kind), inline: current.inline };
  return {
    read: async (key, fence) => {
      const answer = await registers.read(key, fence);
      return answer.ok ? success(found(answer.value)) : answer;
    },
    settle: async (key) => {
      const answer = await registers.settle(key);
      return answer.ok ? success(found(answer.value)) : answer;
    },
    anchor: async (key, fence) => {
      const answer = await registers.anchor(key, fence);
      return answer.ok ? success({ found: found(answer.value.state), anchor: answer.value.anchor }) : answer;
    },
    change: async (key, operationId, decide, options) => {
      const previous: (T | null)[] = [];
      const answer = await registers.change(
        key,
        operationId,
        (current): Decision => {
          const before = found(current);
          previous.push(before?.record ?? null);
          const decision = decide(before);
          if (decision.kind === 'refuse') return decision;
          if (decision.kind === 'delete') return { kind: 'write', state: null, inline: null, result: resultOf(previous.length - 1) };
          const result = resultOf(previous.length - 1, decision.mark);
          return { kind: 'write', state: encodeRecord(decision.record), inline: decision.inline ?? null, result };
        },
        options,
      );
      if (!answer.ok) return answer;
      const { result } = answer.value;
      const run = result[0] ?? 0;
      return success({ previous: previous[run] ?? null, run, mark: result.subarray(1) });
    },
  };
}

/** Which run of the decision took effect, and whose; nothing for the first run of a change that nobody else makes. */
function resultOf(run: number, mark: Uint8Array = emptyBytes): Uint8Array {
  return run === 0 && mark.length === 0 ? emptyBytes : concatBytes([new Uint8Array([run]), mark]);
}

/** A new operation id, 32 hexadecimal characters. */
export function newOperationId(random: Random): OperationId {
  return toHex(random.bytes(16));
}
