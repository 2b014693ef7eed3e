import { success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { BucketRecord, RoomMoment, UsageMoment, UsageRecord } from '../../contracts/names.ts';
import type { NamesDeps } from './account-names.ts';
import { usageKey } from './name-keys.ts';
import type { UsageNames } from './names.ts';
import { createTypedRegisters, newOperationId } from './typed-registers.ts';
import { emptyUsage, momentOf, UsageLedger } from './usage-ledger.ts';

type What = 'bucket' | 'account';

/** A quota that a bucket is under. */
interface Limit {
  readonly what: What;
  readonly id: string;
  /** For messages. */
  readonly name: string;
  readonly quotaBytes: number;
}

/**
 * How much of its quota a bucket or an account has used: one register each, changed by whoever writes.
 * A change takes along all that waits at this node, so that many writes share one.
 *
 * Invariants: room is taken before it is used, so what is acknowledged never exceeds the quota; where an
 * outcome is not known, or a node dies, room stays taken, never the other way round, until it is counted
 * again; room comes back only under the count that it is in; buckets without a quota cost nothing.
 */
export function createUsageNames(deps: NamesDeps): UsageNames {
  const registers = createTypedRegisters<UsageRecord>(deps.registers, 'usage');
  const ledgers = new Map<string, UsageLedger>();

  // A name may belong to another bucket by now: a ledger is known by the id, as its register is.
  const ledgerOf = ({ what, id, name }: Limit): UsageLedger => {
    const ledgerKey = `${what} ${id}`;
    let ledger = ledgers.get(ledgerKey);
    if (ledger === undefined) {
      ledger = new UsageLedger({
        registers,
        key: usageKey(deps.hasher, what, id),
        owner: { what, name },
        newOperationId: () => newOperationId(deps.random),
        logger: deps.logger,
        onIdle: () => ledgers.delete(ledgerKey),
      });
      ledgers.set(ledgerKey, ledger);
    }
    return ledger;
  };

  const credit = async (kind: 'not-used' | 'released', bucket: BucketRecord, bytes: number, moments: RoomMoment): Promise<void> => {
    if (bytes === 0) return;
    await Promise.all(
      limitsOf(bucket).map(async (limit) => {
        const moment = moments[limit.what];
        if (moment !== undefined) await ledgerOf(limit).credit({ kind, moment, bytes });
      }),
    );
  };

  const giveBack: UsageNames['giveBack'] = (bucket, bytes, taken) => credit('not-used', bucket, bytes, taken);

  const read = async (what: What, id: string): Promise<Outcome<UsageRecord>> => {
    const found = await registers.read(usageKey(deps.hasher, what, id));
    return found.ok ? success(found.value?.record ?? emptyUsage) : found;
  };

  return {
    isLimited: (bucket) => limitsOf(bucket).length > 0,
    giveBack,
    release: (bucket, bytes, before) => credit('released', bucket, bytes, before),
    take: async (bucket, bytes) => {
      const taken: { bucket?: UsageMoment; account?: UsageMoment } = {};
      for (const limit of limitsOf(bucket)) {
        const outcome = await ledgerOf(limit).claim('take', bytes, limit.quotaBytes);
        if (!outcome.ok) {
          await giveBack(bucket, bytes, taken);
          return outcome;
        }
        taken[limit.what] = outcome.value;
      }
      return success(taken);
    },
    look: async (bucket, bytes) => {
      for (const limit of limitsOf(bucket)) {
        const outcome = await ledgerOf(limit).claim('look', bytes, limit.quotaBytes);
        if (!outcome.ok) return outcome;
      }
      return success(undefined);
    },
    moment: async (bucket) => {
      const moments: { bucket?: UsageMoment; account?: UsageMoment } = {};
      await Promise.all(
        limitsOf(bucket).map(async ({ what, id }) => {
          const found = await read(what, id);
          if (found.ok) moments[what] = momentOf(found.value);
        }),
      );
      return moments;
    },
    beginCount: async (what, id) => {
      const count = newOperationId(deps.random);
      const begun = await registers.change(usageKey(deps.hasher, what, id), newOperationId(deps.random), (current) => ({
        kind: 'write',
        record: { ...(current?.record ?? emptyUsage), count, takenBytes: 0 },
      }));
      return begun.ok ? success(count) : begun;
    },
    endCount: async (what, id, count, countedBytes) => {
      const ended = await registers.change(usageKey(deps.hasher, what, id), newOperationId(deps.random), (current) =>
        current?.record.count === count
          ? { kind: 'write', record: { ...emptyUsage, usedBytes: countedBytes + (current.record.takenBytes ?? 0), count } }
          : { kind: 'refuse', failure: overtaken },
      );
      return ended.ok ? success(undefined) : ended;
    },
    forget: async (what, id, count) => {
      const gone = await registers.change(usageKey(deps.hasher, what, id), newOperationId(deps.random), (current) =>
        count === undefined || current === null || current.record.count === count
          ? { kind: 'delete' }
          : { kind: 'refuse', failure: overtaken },
      );
      return gone.ok ? success(undefined) : gone;
    },
    usedBytes: async (what, id) => {
      const found = await read(what, id);
      return found.ok ? success(found.value.usedBytes) : found;
    },
  };
}

const overtaken = spokenFailure('Conflict', nameRefusalSentence('quotaOvertaken', {}));

function limitsOf(bucket: BucketRecord): Limit[] {
  const { id, name, ownerId, ownerName, quotaBytes, ownerQuotaBytes } = bucket;
  const limits: Limit[] = [];
  if (quotaBytes !== undefined) limits.push({ what: 'bucket', id, name, quotaBytes });
  if (ownerQuotaBytes !== undefined) limits.push({ what: 'account', id: ownerId, name: ownerName, quotaBytes: ownerQuotaBytes });
  return limits;
}
