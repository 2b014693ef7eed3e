import { refDebounced, watchDebounced } from '@vueuse/core';
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { EventView } from '../../../backend/contracts/admin-api.ts';
import type { EventFilter, EventsFound } from '../../../backend/contracts/insight.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useLiveStore } from '../stores/live.ts';
import { onLineBack } from '../stores/on-line-back.ts';
import { useSessionStore } from '../stores/session.ts';

export interface EventQuery {
  readonly text: string;
  readonly severity: NonNullable<EventFilter['severity']>;
  /** First word of the kind, or nothing for all. */
  readonly kind: string;
}

const pageSize = 100;

/** What the API is asked for; members that filter nothing are left out. */
export function filterOf({ text, severity, kind }: EventQuery, language: string): Record<string, string> {
  return {
    ...(text.trim() === '' ? {} : { text: text.trim(), ...(language === 'vi' ? { language } : {}) }),
    ...(severity === 'info' ? {} : { severity }),
    ...(kind === '' ? {} : { kind }),
  };
}

/** Events that match, newest first and live; older ones a page at a time. */
export function useEventSearch(): {
  query: Ref<EventQuery>;
  asked: ComputedRef<Record<string, string>>;
  events: ShallowRef<readonly EventView[] | null>;
  next: Ref<number | null>;
  problem: ShallowRef<ApiError | null>;
  more: () => Promise<void>;
} {
  const { locale } = useI18n();
  const { api } = useSessionStore();
  const live = useLiveStore();
  const query = ref<EventQuery>({ text: '', severity: 'info', kind: '' });
  const settled = refDebounced(query, 250);
  const asked = computed(() => filterOf(settled.value, locale.value));
  const events = shallowRef<readonly EventView[] | null>(null);
  const next = ref<number | null>(null);
  const problem = shallowRef<ApiError | null>(null);
  let questions = 0;

  async function ask(before: number | null, use: (found: EventsFound) => void): Promise<void> {
    const own = ++questions;
    try {
      const found = await api.get<EventsFound>('events/search', {
        ...asked.value,
        limit: pageSize,
        ...(before === null ? {} : { before }),
      });
      if (own !== questions) return;
      use(found);
      problem.value = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (own === questions) problem.value = error;
    }
  }

  const start = (): Promise<void> =>
    ask(null, (found) => {
      events.value = found.events;
      next.value = found.next;
    });
  /** What has happened since goes on top; what was loaded of the past stays. */
  const refresh = (): Promise<void> =>
    ask(null, (found) => {
      const known = events.value ?? [];
      const oldest = found.events.at(-1)?.sequence ?? 0;
      events.value = [...found.events, ...known.filter((event) => event.sequence < oldest)];
      if (known.length === 0) next.value = found.next;
    });

  watch(asked, start, { immediate: true });
  onLineBack(() => void refresh());
  watchDebounced(() => live.events[0]?.sequence, refresh, { debounce: 400, maxWait: 1500 });

  return {
    query,
    asked,
    events,
    next,
    problem,
    more: () =>
      ask(next.value, (found) => {
        events.value = [...(events.value ?? []), ...found.events];
        next.value = found.next;
      }),
  };
}
