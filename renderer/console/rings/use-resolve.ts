import { refDebounced } from '@vueuse/core';
import { ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ResolveAnswer } from '../../../backend/contracts/cluster-messages.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useSessionStore } from '../stores/session.ts';

/** `bucket` or `bucket/key`, as it is typed: everything after the first slash is the key. */
export function splitName(text: string): { bucket: string; key?: string } | null {
  const trimmed = text.trimStart();
  const slash = trimmed.indexOf('/');
  if (trimmed === '' || slash === 0) return null;
  if (slash < 0) return { bucket: trimmed };
  const key = trimmed.slice(slash + 1);
  return { bucket: trimmed.slice(0, slash), ...(key === '' ? {} : { key }) };
}

/** The longest that S3 knows. */
const longest = { bucket: 63, keyBytes: 1024 };
export function isTooLong({ bucket, key = '' }: { bucket: string; key?: string }): boolean {
  return bucket.length > longest.bucket || new TextEncoder().encode(key).length > longest.keyBytes;
}

/** Resolves a name while it is typed; an older answer never replaces a newer one. What can be no name is not asked for. */
export function useResolve(initial: string): {
  typed: Ref<string>;
  way: ShallowRef<ResolveAnswer | null>;
  problem: ShallowRef<ApiError | null>;
  busy: Ref<boolean>;
  tooLong: Ref<boolean>;
} {
  const { api } = useSessionStore();
  const typed = ref(initial);
  const asked = refDebounced(typed, 300);
  const way = shallowRef<ResolveAnswer | null>(null);
  const problem = shallowRef<ApiError | null>(null);
  const busy = ref(false);
  const tooLong = ref(false);
  let questions = 0;

  watch(
    asked,
    async (text) => {
      const own = ++questions;
      const name = splitName(text);
      problem.value = null;
      tooLong.value = name !== null && isTooLong(name);
      if (!name || tooLong.value) {
        way.value = null;
        busy.value = false;
        return;
      }
      busy.value = true;
      try {
        const answer = await api.get<ResolveAnswer>('resolve', { ...name });
        if (own === questions) way.value = answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (own !== questions) return;
        way.value = null;
        problem.value = error;
      } finally {
        if (own === questions) busy.value = false;
      }
    },
    { immediate: true },
  );
  return { typed, way, problem, busy, tooLong };
}
