import { onBeforeUnmount, shallowReactive, watch, type Ref } from 'vue';
import type { BucketContents } from '../../../backend/contracts/cluster-messages.ts';
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
export function useBucketSizes(shown: Readonly<Ref<readonly string[]>>): { of(name: string): BucketSize | undefined } {
  const { api } = useSessionStore();
  const sizes = shallowReactive(new Map<string, BucketSize>());
  const asked = new Set<string>();
  let underWay = 0;
  let isOpen = true;

  async function ask(name: string): Promise<void> {
    try {
      const { objects, bytes, next } = await api.get<BucketContents>(`buckets/${encodeURIComponent(name)}/contents`);
      sizes.set(name, { objects, bytes, state: next === null ? 'all' : 'more' });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  function goOn(): void {
    while (isOpen && underWay < mostAtOnce) {
      const name = shown.value.slice(0, mostCounted).find((each) => !asked.has(each));
      if (name === undefined) return;
      asked.add(name);
      underWay += 1;
      void ask(name).finally(() => {
        underWay -= 1;
        goOn();
      });
    }
  }

  watch(shown, goOn, { immediate: true });
  onBeforeUnmount(() => (isOpen = false));
  return { of: (name) => sizes.get(name) };
}
