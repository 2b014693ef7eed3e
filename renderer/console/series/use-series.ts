import { useLocalStorage } from '@vueuse/core';
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { SeriesSpan, SeriesView } from '../../../backend/contracts/insight.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useSessionStore } from '../stores/session.ts';

/** As often as a step of the span ends, but not slower than once in two minutes. */
const everyMs: Readonly<Record<SeriesSpan, number>> = { hour: 10_000, day: 60_000, week: 120_000 };

/** The cluster's figures over the chosen span, asked for again as steps end. The span is remembered. */
export function useSeries(): { span: Ref<SeriesSpan>; view: ShallowRef<SeriesView | null>; problem: ShallowRef<ApiError | null> } {
  const { api } = useSessionStore();
  const span = useLocalStorage<SeriesSpan>('mcos-series-span', 'hour');
  const view = shallowRef<SeriesView | null>(null);
  const problem = shallowRef<ApiError | null>(null);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let questions = 0;

  async function ask(): Promise<void> {
    clearTimeout(timer);
    const own = ++questions;
    try {
      const answer = await api.get<SeriesView>('series', { span: span.value });
      if (own !== questions) return;
      view.value = answer;
      problem.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (own !== questions) return;
      problem.value = error;
    }
    timer = setTimeout(() => void ask(), everyMs[span.value]);
  }

  onMounted(ask);
  watch(span, ask);
  onBeforeUnmount(() => {
    questions = -1;
    clearTimeout(timer);
  });
  return { span, view, problem };
}
