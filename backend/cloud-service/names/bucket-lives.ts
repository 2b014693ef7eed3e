import { failed, success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { BucketRecord } from '../../contracts/names.ts';

/** A bucket that is opened, deleted and made again so often during one question: the asker is told to try again. */
const deletesAwaited = 4;

/**
 * Says what a bucket has become: for whoever was told that the generation it knew is over, and for
 * answers that something is missing. A delete that is under way is finished first, whoever began it.
 *
 * Invariants: an answer comes from a register read that began after `current` was called; at most one
 * read a bucket is under way and one more waits; at most one delete a bucket is being finished here.
 */
export interface BucketLives {
  /** The open bucket that now has the name, if it belongs to the same owner (perhaps another than `bucket`); else `NoSuchBucket`. */
  current(bucket: BucketRecord): Promise<Outcome<BucketRecord>>;
  /** The open bucket that now has the name, whoever owns it; null: there is none. */
  find(bucketName: string): Promise<Outcome<BucketRecord | null>>;
}

export interface BucketLivesDeps {
  readonly readFresh: (bucketName: string) => Promise<Outcome<BucketRecord | null>>;
  /** Brings a delete to its end, whatever that is. */
  readonly finishRemoval: (bucket: BucketRecord) => Promise<Outcome<void>>;
}

interface Slot {
  readonly current: Promise<Outcome<BucketRecord | null>>;
  next: Promise<Outcome<BucketRecord | null>> | undefined;
}

export function createBucketLives({ readFresh, finishRemoval }: BucketLivesDeps): BucketLives {
  const slots = new Map<string, Slot>();
  const finishing = new Map<string, Promise<Outcome<void>>>();

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

  const finish = (bucket: BucketRecord): Promise<Outcome<void>> => {
    let running = finishing.get(bucket.id);
    if (running === undefined) {
      running = finishRemoval(bucket).finally(() => finishing.delete(bucket.id));
      finishing.set(bucket.id, running);
    }
    return running;
  };

  const find: BucketLives['find'] = async (name) => {
    for (let attempt = 0; attempt < deletesAwaited; attempt++) {
      const found = await askFresh(name);
      if (!found.ok || found.value === null || found.value.state === 'open') return found;
      const finished = await finish(found.value);
      // What it came to shows in the register; only that it did not come to an end must be told.
      if (!finished.ok && undecided.has(finished.failure.code)) return finished;
    }
    return failed(spokenFailure('Busy', nameRefusalSentence('bucketRemade', { name })));
  };

  return {
    find,
    current: async (bucket) => {
      const found = await find(bucket.name);
      if (!found.ok) return found;
      return found.value?.ownerId === bucket.ownerId ? success(found.value) : failed(gone(bucket.name));
    },
  };
}

const undecided: ReadonlySet<string> = new Set(['OutcomeUnknown', 'QuorumUnavailable', 'NotReady', 'Busy', 'StorageFull', 'StorageFailed']);

function gone(name: string): CatalogueFailure {
  return spokenFailure('NoSuchBucket', nameRefusalSentence('noBucketNow', { name }));
}
