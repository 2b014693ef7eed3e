import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';
import type { BucketContents } from '../../../backend/contracts/cluster-messages.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useSessionStore } from '../stores/session.ts';

/** Objects and bytes of a bucket, counted part by part while the view is open; told as they grow. */
export function useBucketContents(name: string): {
  objects: Ref<number>;
  bytes: Ref<number>;
  state: Ref<'counting' | 'counted' | 'failed'>;
  problem: Ref<ApiError | null>;
} {
  const { api } = useSessionStore();
  const objects = ref(0);
  const bytes = ref(0);
  const state = ref<'counting' | 'counted' | 'failed'>('counting');
  const problem = ref<ApiError | null>(null);
  let isOpen = true;

  async function count(): Promise<void> {
    let next: string | null = null;
    try {
      do {
        const part: BucketContents = await api.get<BucketContents>(
          `buckets/${encodeURIComponent(name)}/contents`,
          next === null ? {} : { after: next },
        );
        objects.value += part.objects;
        bytes.value += part.bytes;
        next = part.next;
      } while (next !== null && isOpen);
      state.value = 'counted';
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = error;
      state.value = 'failed';
    }
  }

  onMounted(count);
  onBeforeUnmount(() => (isOpen = false));
  return { objects, bytes, state, problem };
}
