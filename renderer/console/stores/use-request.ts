import { onMounted, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import { ApiError } from '../../shared/api-client.ts';
import { onLineBack } from './on-line-back.ts';

/** One question of a view: asked when it appears, when the line is back, and by `reload`; the last good answer stays. */
export function useRequest<T>(ask: () => Promise<T>): {
  value: ShallowRef<T | null>;
  problem: Ref<ApiError | null>;
  reload: () => Promise<void>;
} {
  const value = shallowRef<T | null>(null);
  const problem = ref<ApiError | null>(null);
  let questions = 0;
  const reload = async (): Promise<void> => {
    const own = ++questions;
    try {
      const answer = await ask();
      if (own !== questions) return;
      value.value = answer;
      problem.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (own === questions) problem.value = error;
    }
  };
  onMounted(reload);
  onLineBack(() => void reload());
  return { value, problem, reload };
}
