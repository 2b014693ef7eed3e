import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BucketRecord } from '../../contracts/names.ts';

/**
 * Says what a bucket has become, so that no answer about its content rests on a cached record. A delete
 * sets `deleting` first and looks into the shards afterwards; a writer writes first and asks here
 * afterwards. If the bucket is still open then, the delete had not begun when the object was there, so
 * it will find it. This needs neither clocks nor leases, and one question serves every operation that
 * was finished before it was asked.
 *
 * Invariants: an answer comes from a register read that began after `current` was called; at most one
 * read a bucket is under way and one more waits.
 */
export interface BucketGuard {
  /** The bucket that now has the name, if it belongs to the same owner (perhaps another than `bucket`); else `NoSuchBucket`. */
  current(bucket: BucketRecord): Promise<Outcome<BucketRecord>>;
}

interface Slot {
  readonly current: Promise<Outcome<BucketRecord | null>>;
  next: Promise<Outcome<BucketRecord | null>> | undefined;
}

export function createBucketGuard(readFresh: (bucketName: string) => Promise<Outcome<BucketRecord | null>>): BucketGuard {
  const slots = new Map<string, Slot>();

  const ask = (name: string): Promise<Outcome<BucketRecord | null>> => {
    const current = readFresh(name);
    const slot: Slot = { current, next: undefined };
    slots.set(name, slot);
    const done = (): void => {
      if (slot.next === undefined) slots.delete(name);
    };
    current.then(done, done);
    return current;
  };

  const askFresh = (name: string): Promise<Outcome<BucketRecord | null>> => {
    const slot = slots.get(name);
    if (slot === undefined) return ask(name);
    const askAgain = (): Promise<Outcome<BucketRecord | null>> => ask(name);
    slot.next ??= slot.current.then(askAgain, askAgain);
    return slot.next;
  };

  return {
    current: async (bucket) => {
      const answer = await askFresh(bucket.name);
      if (!answer.ok) return answer;
      if (answer.value !== null && answer.value.ownerId === bucket.ownerId) return success(answer.value);
      return failed(failure('NoSuchBucket', `There is no bucket "${bucket.name}" any more. It was deleted meanwhile.`));
    },
  };
}
