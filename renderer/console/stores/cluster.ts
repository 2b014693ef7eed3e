import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { ClusterView, NodeView, RingChangeView, RingsView } from '../../../backend/contracts/admin-api.ts';
import { ApiError } from '../../shared/api-client.ts';
import { zonePalette, type ZonePalette } from '../colours/zone-palette.ts';
import { createRingAssignments } from './ring-assignments.ts';
import { useSessionStore } from './session.ts';

/** What may have changed; the Controller's `state` messages say which. */
export type Topic = 'cluster' | 'nodes' | 'rings' | 'change';
export const allTopics: readonly Topic[] = ['cluster', 'nodes', 'rings', 'change'];

/** Whether nobody answered: neither the browser nor the desktop's main process reached the Controller in time. */
export function isUnanswered({ code }: ApiError): boolean {
  return code === 'Offline' || code === 'Unreachable';
}

/**
 * What the Controller says about the cluster. Values are replaced whole, each as it comes. Invariants: one round of
 * questions runs at a time, and what is asked for meanwhile is asked once more afterwards, so an
 * older answer never overwrites a newer one.
 */
export const useClusterStore = defineStore('cluster', () => {
  const { api } = useSessionStore();
  const cluster = shallowRef<ClusterView | null>(null);
  /** Null until the first answer: not the same as none. */
  const list = shallowRef<readonly NodeView[] | null>(null);
  const rings = shallowRef<RingsView | null>(null);
  const change = shallowRef<RingChangeView | null>(null);
  const { drawn: assignments, whole: wholeAssignments, keepUpWith, loadWhole } = createRingAssignments(api);
  const problem = ref<ApiError | null>(null);
  /** When everything that was asked for was last answered: what is shown is as old as that. */
  const answeredAtMs = ref(Date.now());
  const wanted = new Set<Topic>();
  let running: Promise<void> | undefined;

  const loaders: Readonly<Record<Topic, () => Promise<void>>> = {
    cluster: async () => {
      cluster.value = await api.get<ClusterView>('cluster');
    },
    nodes: async () => {
      list.value = (await api.get<NodeView[]>('nodes')).sort((left, right) => left.index - right.index);
    },
    rings: async () => {
      const now = await api.get<RingsView>('rings');
      rings.value = now;
      await keepUpWith(now);
    },
    change: async () => {
      // Nothing under way comes as `null` or as an empty body.
      change.value = (await api.get<RingChangeView | null | ''>('rings/change')) || null;
    },
  };

  const loadWanted = async (): Promise<void> => {
    while (wanted.size > 0) {
      const topics = [...wanted];
      wanted.clear();
      try {
        await Promise.all(topics.map((topic) => loaders[topic]()));
        problem.value = null;
        answeredAtMs.value = Date.now();
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        problem.value = error.code === 'NotAuthenticated' ? null : error;
      }
    }
  };

  const refresh = (topics: readonly Topic[] = allTopics): Promise<void> => {
    for (const topic of topics) wanted.add(topic);
    running ??= loadWanted().finally(() => {
      running = undefined;
    });
    return running;
  };

  /** For pointing at a ring. What fails is shown as any other failure; the next pointing asks again. */
  const loadWholeAssignments = async (): Promise<void> => {
    try {
      await loadWhole();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = error.code === 'NotAuthenticated' ? null : error;
    }
  };

  const nodes = computed(() => list.value ?? []);
  const nodesAreKnown = computed(() => list.value !== null);
  const present = computed(() => nodes.value.filter((node) => node.state !== 'removed'));
  /** The same object as long as names and zones are: a thousand marks need not be coloured anew because a figure moved. */
  const palette = computed<ZonePalette>((before) => {
    const coloured = nodes.value.map((node) => ({ name: node.name, zone: node.parameters.zone }));
    return before?.isOf(coloured) ? before : zonePalette(coloured);
  });

  return {
    cluster,
    nodes,
    nodesAreKnown,
    present,
    rings,
    change,
    assignments,
    wholeAssignments,
    loadWholeAssignments,
    problem,
    answeredAtMs,
    palette,
    refresh,
  };
});
