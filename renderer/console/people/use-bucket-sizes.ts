import { onBeforeUnmount, shallowReactive, watch, type Ref } from 'vue';
import type { BucketContents, BucketView } from '../../../backend/contracts/cluster-messages.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useSessionStore } from '../stores/session.ts';

/** What is in a bucket, as far as it was counted: `more` when counting it to its end would take many questions. */
export interface BucketSize {
  readonly objects: number;
  readonly bytes: number;
  readonly state: 'all' | 'more';
}

/** Buckets further down are counted when a search brings them up, or when they are opened. */
const mostCounted = 50;
/** One question counts up to ten thousand objects. */
const mostAtOnce = 2;

/**
 * How much is in the first of the buckets that are shown: one question each, two at a time, while the view is open. A question that
 * fails leaves its bucket without a figure; whoever opens the bucket is told why.
 */
export function useBucketSizes(shown: Readonly<Ref<readonly BucketView[]>>): {
  of(bucket: BucketView): BucketSize | undefined;
  /** They are counted anew: something has changed. */
  forget(): void;
} {
  const { api } = useSessionStore();
  const sizes = shallowReactive(new Map<string, BucketSize>());
  const asked = new Set<string>();
  let underWay = 0;
  let isOpen = true;

  async function ask({ id, name }: BucketView): Promise<void> {
    try {
      const { objects, bytes, next } = await api.get<BucketContents>(`buckets/${encodeURIComponent(name)}/contents`);
      sizes.set(id, { objects, bytes, state: next === null ? 'all' : 'more' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  function goOn(): void {
    while (isOpen && underWay < mostAtOnce) {
      const bucket = shown.value.slice(0, mostCounted).find(({ id }) => !asked.has(id));
      if (bucket === undefined) return;
      asked.add(bucket.id);
      underWay += 1;
      void ask(bucket).finally(() => {
        underWay -= 1;
        goOn();
      });
    }
  }

  watch(shown, goOn, { immediate: true });
  onBeforeUnmount(() => (isOpen = false));
  return {
    of: ({ id }) => sizes.get(id),
    forget: () => {
      asked.clear();
      goOn();
    },
  };
}
