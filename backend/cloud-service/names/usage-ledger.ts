import { BoundedQueue } from '../../base/bounded-queue.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure, spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { UsageMoment, UsageRecord } from '../../contracts/names.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { TypedRegisters } from './typed-registers.ts';

/** Writes that wait for one ledger; more are told that it is busy. */
const mostWaiting = 4096;

/** One write that asks for room. */
interface Claim {
  readonly bytes: number;
  readonly quotaBytes: number;
  readonly kind: 'take' | 'look';
  readonly answer: (outcome: Outcome<UsageMoment>) => void;
}

/** Room that comes back: from what took no effect since `moment`, or from what was there, and went after it. */
interface Credit {
  readonly kind: 'not-used' | 'released';
  readonly moment: UsageMoment;
  readonly bytes: number;
}

export interface QuotaOwner {
  readonly what: 'bucket' | 'account';
  readonly name: string;
}

export interface LedgerDeps {
  readonly registers: TypedRegisters<UsageRecord>;
  readonly key: RegisterKey;
  /** Whose quota it is, for messages. */
  readonly owner: QuotaOwner;
  readonly newOperationId: () => string;
  readonly logger: Logger;
  readonly onIdle: () => void;
}

/**
 * What of this node waits for one usage record: one change takes all of it along.
 *
 * Invariant: while something waits, a run is under way that will look for it. So the end of a run and its
 * last look at what waits are one step.
 */
export class UsageLedger {
  readonly #deps: LedgerDeps;
  readonly #claims = new BoundedQueue<Claim>(mostWaiting);
  /** Those of one kind and moment are added up, so there are no more than counts that follow each other during a few writes. */
  readonly #credits = new Map<string, Credit>();
  #running: Promise<void> | null = null;

  constructor(deps: LedgerDeps) {
    this.#deps = deps;
  }

  claim(kind: Claim['kind'], bytes: number, quotaBytes: number): Promise<Outcome<UsageMoment>> {
    return new Promise((answer) => {
      if (this.#claims.push({ kind, bytes, quotaBytes, answer })) void this.#run();
      else answer(failed(tooManyWait(this.#deps.owner)));
    });
  }

  /** Resolves when the room is there for others, or could not be given back now. */
  credit(credit: Credit): Promise<void> {
    const { kind, moment, bytes } = credit;
    const name = `${kind} ${moment.count} ${moment.isCounting}`;
    this.#credits.set(name, { kind, moment, bytes: bytes + (this.#credits.get(name)?.bytes ?? 0) });
    return this.#run();
  }

  #run(): Promise<void> {
    return (this.#running ??= this.#work());
  }

  async #work(): Promise<void> {
    // Whatever comes in this very turn goes along.
    await Promise.resolve();
    try {
      while (this.#claims.length > 0 || this.#credits.size > 0) {
        const claims = this.#claims.drain();
        const credits = [...this.#credits.values()];
        this.#credits.clear();
        const answers = await this.#settleOrTell(claims, credits);
        claims.forEach((claim, index) => claim.answer(answers[index] ?? failed(unforeseen(this.#deps.owner))));
      }
    } finally {
      this.#running = null;
      this.#deps.onIdle();
    }
  }

  async #settleOrTell(claims: readonly Claim[], credits: readonly Credit[]): Promise<readonly Outcome<UsageMoment>[]> {
    try {
      return await this.#settle(claims, credits);
    } catch (error) {
      this.#deps.logger.error({ error: String(error), owner: this.#deps.owner }, 'A quota could not be looked at.');
      return claims.map(() => failed(unforeseen(this.#deps.owner)));
    }
  }

  async #settle(claims: readonly Claim[], credits: readonly Credit[]): Promise<readonly Outcome<UsageMoment>[]> {
    const runs: Outcome<UsageMoment>[][] = [];
    const { registers, key, newOperationId, owner } = this.#deps;
    const changed = await registers.change(key, newOperationId(), (current) => {
      const before = current?.record ?? emptyUsage;
      const { record, answers } = settled(before, claims, credits, owner);
      runs.push(answers);
      const isSame = record.usedBytes === before.usedBytes && record.takenBytes === before.takenBytes;
      return isSame ? { kind: 'refuse', failure: unchanged } : { kind: 'write', record };
    });
    // A run before the last may be the one that took effect.
    if (changed.ok) return runs[changed.value.run] ?? [];
    if (changed.failure === unchanged) return runs.at(-1) ?? [];
    return claims.map(() => failed(changed.failure));
  }
}

export const emptyUsage: UsageRecord = { format: 1, kind: 'usage', usedBytes: 0 };

export function momentOf(record: UsageRecord): UsageMoment {
  return { count: record.count ?? '', isCounting: record.takenBytes !== undefined };
}

/** Pure: it runs inside a register change. */
function settled(
  before: UsageRecord,
  claims: readonly Claim[],
  credits: readonly Credit[],
  owner: QuotaOwner,
): { readonly record: UsageRecord; readonly answers: Outcome<UsageMoment>[] } {
  let { usedBytes, takenBytes } = before;
  const now = momentOf(before);
  for (const { kind, moment, bytes } of credits) {
    // Counted again since: nobody can tell any more whether it is among what is used.
    if (moment.count !== now.count) continue;
    // It went while there was counting, before it was come to or after.
    if (kind === 'released' && moment.isCounting && !now.isCounting) continue;
    usedBytes = Math.max(0, usedBytes - bytes);
    if (kind === 'not-used' && takenBytes !== undefined) takenBytes = Math.max(0, takenBytes - bytes);
  }
  const answers = claims.map((claim): Outcome<UsageMoment> => {
    if (usedBytes + claim.bytes > claim.quotaBytes) return failed(exceeded(owner, claim, usedBytes));
    if (claim.kind === 'take') {
      usedBytes += claim.bytes;
      if (takenBytes !== undefined) takenBytes += claim.bytes;
    }
    return success(now);
  });
  return { record: { ...before, usedBytes, ...(takenBytes === undefined ? {} : { takenBytes }) }, answers };
}

const unchanged = failure('Conflict', 'Nothing was to be changed.');

function tooManyWait({ what, name }: QuotaOwner): CatalogueFailure {
  const id = what === 'bucket' ? 'bucketQuotaBusy' : 'userQuotaBusy';
  return spokenFailure('Busy', nameRefusalSentence(id, { name, writes: mostWaiting }));
}

function unforeseen({ what, name }: QuotaOwner): CatalogueFailure {
  const id = what === 'bucket' ? 'bucketQuotaUnseen' : 'userQuotaUnseen';
  return spokenFailure('InternalError', nameRefusalSentence(id, { name }));
}

function exceeded({ what, name }: QuotaOwner, { bytes, quotaBytes }: Claim, usedBytes: number): CatalogueFailure {
  const id = what === 'bucket' ? 'bucketQuotaExceeded' : 'userQuotaExceeded';
  return spokenFailure('QuotaExceeded', nameRefusalSentence(id, { name, quota: quotaBytes, used: usedBytes, more: bytes }));
}
