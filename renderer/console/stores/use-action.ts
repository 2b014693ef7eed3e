import { ref, type Ref } from 'vue';
import { ApiError } from '../../shared/api-client.ts';

/** One thing that is done at a time: whether it runs, and what went wrong. */
export function useAction(): { busy: Ref<boolean>; problem: Ref<ApiError | null>; run: (work: () => Promise<void>) => Promise<boolean> } {
  const busy = ref(false);
  const problem = ref<ApiError | null>(null);
  return {
    busy,
    problem,
    run: async (work) => {
      if (busy.value) return false;
      busy.value = true;
      problem.value = null;
      try {
        await work();
        return true;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        problem.value = error;
        return false;
      } finally {
        busy.value = false;
      }
    },
  };
}
