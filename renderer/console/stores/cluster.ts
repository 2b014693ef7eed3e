import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { AssignmentView, ClusterView, NodeView, RingChangeView, RingsView } from '../../../backend/contracts/admin-api.ts';
import { ringNames, type RingName } from '../../../backend/contracts/ids.ts';
import { ApiError } from '../../shared/api-client.ts';
import { zonePalette } from '../colours/zone-palette.ts';
import { useSessionStore } from './session.ts';

/** What may have changed; the Controller's `state` messages say which. */
export type Topic = 'cluster' | 'nodes' | 'rings' | 'change';
const allTopics: readonly Topic[] = ['cluster', 'nodes', 'rings', 'change'];

/**
 * What the Controller says about the cluster. Values are replaced whole. Invariants: one round of
 * questions runs at a time, and what is asked for meanwhile is asked once more afterwards, so an
 * older answer never overwrites a newer one.
 */
export const useClusterStore = defineStore('cluster', () => {
  const { api } = useSessionStore();
  const cluster = shallowRef<ClusterView | null>(null);
  const nodes = shallowRef<readonly NodeView[]>([]);
  const rings = shallowRef<RingsView | null>(null);
  const change = shallowRef<RingChangeView | null>(null);
  const assignments = shallowRef<Readonly<Record<RingName, AssignmentView>> | null>(null);
  const problem = ref<ApiError | null>(null);
  const wanted = new Set<Topic>();
  let running: Promise<void> | undefined;

  const loaders: Readonly<Record<Topic, () => Promise<void>>> = {
    cluster: async () => {
      cluster.value = await api.get<ClusterView>('cluster');
    },
    nodes: async () => {
      nodes.value = (await api.get<NodeView[]>('nodes')).sort((left, right) => left.index - right.index);
    },
    rings: async () => {
      const now = await api.get<RingsView>('rings');
      if (now.epoch === 0) assignments.value = null;
      else if (assignmentsAreOld(now)) await loadAssignments();
      rings.value = now;
    },
    change: async () => {
      // Nothing under way comes as `null` or as an empty body.
      change.value = (await api.get<RingChangeView | null | ''>('rings/change')) || null;
    },
  };

  /** Rings stay as they are within an epoch; which partitions move is told only until it is active. */
  const assignmentsAreOld = ({ epoch, phase }: RingsView): boolean => {
    const known = assignments.value?.object;
    return known?.epoch !== epoch || (known.moving !== undefined) !== (phase !== 'active');
  };

  const loadAssignments = async (): Promise<void> => {
    const [account, container, object] = await Promise.all(ringNames.map((ring) => api.get<AssignmentView>(`rings/${ring}/assignment`)));
    if (account && container && object) assignments.value = { account, container, object };
  };

  const loadWanted = async (): Promise<void> => {
    while (wanted.size > 0) {
      const topics = [...wanted];
      wanted.clear();
      try {
        await Promise.all(topics.map((topic) => loaders[topic]()));
        problem.value = null;
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

  const palette = computed(() => zonePalette(nodes.value.map((node) => ({ name: node.name, zone: node.parameters.zone }))));
  const present = computed(() => nodes.value.filter((node) => node.state !== 'removed'));

  return { cluster, nodes, present, rings, change, assignments, problem, palette, refresh };
});
