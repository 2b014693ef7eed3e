import { BoundedQueue } from '../../base/bounded-queue.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord, UsageRecord } from '../../contracts/names.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { NamesDeps } from './account-names.ts';
import { usageKey } from './name-keys.ts';
import type { UsageNames } from './names.ts';
import { createTypedRegisters, newOperationId, type TypedRegisters } from './typed-registers.ts';

/** Writes that wait for one ledger; more are told that it is busy. */
const mostWaiting = 4096;

interface Ledger {
  readonly key: RegisterKey;
  readonly owner: string;
  readonly quotaBytes: number;
}

/** One write that asks for room. */
interface Claim {
  readonly bytes: number;
  readonly quotaBytes: number;
  readonly kind: 'take' | 'look';
  readonly answer: (outcome: Outcome<void>) => void;
}

/**
 * How much of its quota a bucket or an account has used: one register each, changed by whoever writes.
 * A change takes along all that waits at this node, so that many writes share one.
 *
 * Invariants: room is taken before it is used, so what is acknowledged never exceeds the quota; where an
 * outcome is not known, or a node dies, room stays taken, never the other way round, until it is counted
 * again; buckets without a quota cost nothing.
 */
export function createUsageNames(deps: NamesDeps): UsageNames {
  const registers = createTypedRegisters<UsageRecord>(deps.registers, 'usage');
  const ledgers = new Map<string, LedgerQueue>();

  const queueOf = ({ key, owner }: Ledger): LedgerQueue => {
    let queue = ledgers.get(owner);
    if (queue === undefined) {
      queue = new LedgerQueue(
        registers,
        key,
        owner,
        () => newOperationId(deps.random),
        () => ledgers.delete(owner),
      );
      ledgers.set(owner, queue);
    }
    return queue;
  };

  const ledgersOf = (bucket: BucketRecord): Ledger[] => {
    const found: Ledger[] = [];
    if (bucket.quotaBytes !== undefined)
      found.push({ key: usageKey(deps.hasher, 'bucket', bucket.id), owner: `bucket "${bucket.name}"`, quotaBytes: bucket.quotaBytes });
    if (bucket.ownerQuotaBytes !== undefined)
      found.push({
        key: usageKey(deps.hasher, 'account', bucket.ownerId),
        owner: `user "${bucket.ownerName}"`,
        quotaBytes: bucket.ownerQuotaBytes,
      });
    return found;
  };

  const giveBack: UsageNames['giveBack'] = async (bucket, bytes) => {
    if (bytes > 0) await Promise.all(ledgersOf(bucket).map((ledger) => queueOf(ledger).giveBack(bytes)));
  };

  return {
    isLimited: (bucket) => bucket.quotaBytes !== undefined || bucket.ownerQuotaBytes !== undefined,
    giveBack,
    take: async (bucket, bytes) => {
      const taken: Ledger[] = [];
      for (const ledger of ledgersOf(bucket)) {
        const outcome = await queueOf(ledger).claim('take', bytes, ledger.quotaBytes);
        if (!outcome.ok) {
          await Promise.all(taken.map((earlier) => queueOf(earlier).giveBack(bytes)));
          return outcome;
        }
        taken.push(ledger);
      }
      return success(undefined);
    },
    look: async (bucket, bytes) => {
      for (const ledger of ledgersOf(bucket)) {
        const outcome = await queueOf(ledger).claim('look', bytes, ledger.quotaBytes);
        if (!outcome.ok) return outcome;
      }
      return success(undefined);
    },
    recount: async (what, id, countedBytes, beforeBytes) => {
      const set = await registers.change(usageKey(deps.hasher, what, id), newOperationId(deps.random), (current) => {
        const since = Math.max(0, (current?.record.usedBytes ?? 0) - beforeBytes);
        return { kind: 'write', record: { format: 1, kind: 'usage', usedBytes: countedBytes + since } };
      });
      return set.ok ? success(undefined) : set;
    },
    forget: async (what, id) => {
      const gone = await registers.change(usageKey(deps.hasher, what, id), newOperationId(deps.random), () => ({ kind: 'delete' }));
      return gone.ok ? success(undefined) : gone;
    },
    usedBytes: async (what, id) => {
      const found = await registers.read(usageKey(deps.hasher, what, id));
      return found.ok ? success(found.value?.record.usedBytes ?? 0) : found;
    },
  };
}

class LedgerQueue {
  readonly #registers: TypedRegisters<UsageRecord>;
  readonly #key: RegisterKey;
  readonly #owner: string;
  readonly #newId: () => string;
  readonly #onIdle: () => void;
  readonly #claims = new BoundedQueue<Claim>(mostWaiting);
  #credit = 0;
  #running: Promise<void> | null = null;

  constructor(registers: TypedRegisters<UsageRecord>, key: RegisterKey, owner: string, newId: () => string, onIdle: () => void) {
    this.#registers = registers;
    this.#key = key;
    this.#owner = owner;
    this.#newId = newId;
    this.#onIdle = onIdle;
  }

  claim(kind: Claim['kind'], bytes: number, quotaBytes: number): Promise<Outcome<void>> {
    return new Promise((answer) => {
      if (this.#claims.push({ kind, bytes, quotaBytes, answer })) void this.#run();
      else answer(failed(failure('Busy', `${mostWaiting} writes wait for the quota of ${this.#owner}. Try again.`)));
    });
  }

  /** Resolves when the room is there for others, or could not be given back now. */
  giveBack(bytes: number): Promise<void> {
    this.#credit += bytes;
    return this.#run();
  }

  #run(): Promise<void> {
    this.#running ??= this.#work().finally(() => {
      this.#running = null;
      this.#onIdle();
    });
    return this.#running;
  }

  async #work(): Promise<void> {
    // Whatever comes in this very turn goes along.
    await Promise.resolve();
    while (this.#claims.length > 0 || this.#credit > 0) {
      const claims: Claim[] = [];
      for (let claim = this.#claims.shift(); claim !== undefined; claim = this.#claims.shift()) claims.push(claim);
      const credit = this.#credit;
      this.#credit = 0;
      const answers = await this.#settle(claims, credit);
      claims.forEach((claim, index) => claim.answer(answers[index] ?? success(undefined)));
    }
  }

  async #settle(claims: readonly Claim[], credit: number): Promise<readonly Outcome<void>[]> {
    const runs: Outcome<void>[][] = [];
    const changed = await this.#registers.change(this.#key, this.#newId(), (current) => {
      const before = current?.record.usedBytes ?? 0;
      let usedBytes = Math.max(0, before - credit);
      const answers = claims.map((claim) => {
        if (usedBytes + claim.bytes > claim.quotaBytes) return failed(exceeded(this.#owner, claim, usedBytes));
        if (claim.kind === 'take') usedBytes += claim.bytes;
        return success(undefined);
      });
      runs.push(answers);
      return usedBytes === before
        ? { kind: 'refuse', failure: unchanged }
        : { kind: 'write', record: { format: 1, kind: 'usage', usedBytes } };
    });
    // A run before the last may be the one that took effect.
    if (changed.ok) return runs[changed.value.run] ?? [];
    if (changed.failure === unchanged) return runs.at(-1) ?? [];
    return claims.map(() => failed(changed.failure));
  }
}

const unchanged = failure('Conflict', 'Nothing was to be changed.');

function exceeded(owner: string, { bytes, quotaBytes }: Claim, usedBytes: number): ReturnType<typeof failure> {
  return failure(
    'QuotaExceeded',
    `The quota of the ${owner} is ${quotaBytes} bytes, of which ${usedBytes} are used; ${bytes} more do not fit. Delete something, or ask for a larger quota.`,
  );
}
