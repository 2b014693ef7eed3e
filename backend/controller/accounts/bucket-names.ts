import type { Clock } from '../../base/clock.ts';
import type { HeldName } from '../../contracts/cluster-messages.ts';
import type { Accounts } from './accounts.ts';

/** Buckets by id: a node knows the name of a bucket only where it holds the bucket's own record. */
export interface BucketNames {
  /** The same names with those of their buckets where these are known; those that nobody can tell keep the id. */
  complete(names: readonly HeldName[]): Promise<HeldName[]>;
  /** A prefix `BUCKET/KEY…` with the id in place of the name, by which every node knows it; undefined: there is no such bucket. */
  byId(prefix: string): Promise<string | undefined>;
}

/** Asking for all buckets costs a question for each: a page that asks again and again gets what was known. */
const askAgainMs = 10_000;
const mostRemembered = 10_000;

/**
 * Remembers the names of buckets, which never change while the bucket exists; one that is made anew under the same name has another id.
 *
 * Invariants: at most 10,000 are remembered, the oldest go first; all buckets are asked for at most once in ten seconds, and by one
 * question at a time. A question that fails costs the names, never the list.
 */
export function createBucketNames(deps: { readonly clock: Clock; readonly accounts: Pick<Accounts, 'listBuckets'> }): BucketNames {
  const { clock, accounts } = deps;
  const nameById = new Map<string, string>();
  let askedAtMs = -Infinity;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    const buckets = await accounts.listBuckets();
    askedAtMs = clock.monotonicMs();
    if (!buckets.ok) return;
    const present = new Set(buckets.value.map(({ name }) => name));
    for (const [id, name] of nameById) if (present.has(name)) nameById.delete(id);
    for (const { id, name } of buckets.value) nameById.set(id, name);
    for (const id of nameById.keys()) {
      if (nameById.size <= mostRemembered) break;
      nameById.delete(id);
    }
  }

  async function askUnlessJustAsked(): Promise<void> {
    if (asking === undefined && clock.monotonicMs() - askedAtMs < askAgainMs) return;
    asking ??= ask().finally(() => (asking = undefined));
    await asking;
  }

  return {
    complete: async (names) => {
      const isUnknown = ({ bucketId, bucket }: HeldName): boolean =>
        bucketId !== undefined && bucket === undefined && !nameById.has(bucketId);
      if (names.some(isUnknown)) await askUnlessJustAsked();
      return names.map((held) => {
        const bucket = held.bucketId === undefined ? undefined : nameById.get(held.bucketId);
        if (held.bucket !== undefined || held.key === undefined || bucket === undefined) return held;
        return { ...held, bucket, name: `${bucket}/${held.key}` };
      });
    },
    byId: async (prefix) => {
      const end = prefix.indexOf('/');
      if (end < 0) return undefined;
      const name = prefix.slice(0, end);
      // Also where one is known: it may be of a bucket that is gone by now.
      await askUnlessJustAsked();
      const id = [...nameById].find(([, known]) => known === name)?.[0];
      return id === undefined ? undefined : `${id}${prefix.slice(end)}`;
    },
  };
}
