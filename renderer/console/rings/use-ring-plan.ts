import { watchDebounced } from '@vueuse/core';
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import type { RingChangeView, RingHistoryEntry, RingPlan } from '../../../backend/contracts/admin-api.ts';
import { conditionOf } from '../../../backend/contracts/node-condition.ts';
import { ApiError } from '../../shared/api-client.ts';
import { useClusterStore } from '../stores/cluster.ts';
import { useSessionStore } from '../stores/session.ts';
import { isPending, pendingChanges, type PendingChanges } from './pending-changes.ts';
import { weightsAtEpoch } from './weights-at-epoch.ts';

const settledMs = 300;
const mostTurns = 3;

/** Weights to make the next rings with, by name. */
type TrialWeights = Readonly<Record<string, number>>;

export interface RingPlanning {
  readonly plan: ShallowRef<RingPlan | null>;
  readonly pending: ComputedRef<PendingChanges>;
  /** The epoch whose members and weights the plan goes back to. */
  readonly backTo: Ref<number | null>;
  /** Members of that epoch which are not to be had now. */
  readonly missing: Ref<readonly string[]>;
  readonly problem: Ref<ApiError | null>;
  readonly busy: Ref<'planning' | 'creating' | null>;
  /** The list has changed between the plan that was shown and the click: the plan is a new one. */
  readonly renewed: Ref<boolean>;
  show(): Promise<void>;
  goBack(epoch: number, history: readonly RingHistoryEntry[]): Promise<void>;
  create(): Promise<void>;
  close(): void;
}

/**
 * The plan of the next rings. It is made by itself when something waits for them, and anew when that changes.
 * Invariants: nothing is shown while a change is under way; an older answer never replaces a newer one; what is
 * created is exactly what is shown (its digest, with its weights).
 */
export function useRingPlan(): RingPlanning {
  const { api } = useSessionStore();
  const cluster = useClusterStore();
  const plan = shallowRef<RingPlan | null>(null);
  const backTo = ref<number | null>(null);
  const missing = ref<readonly string[]>([]);
  const problem = ref<ApiError | null>(null);
  const busy = ref<'planning' | 'creating' | null>(null);
  const renewed = ref(false);
  let weights: TrialWeights = {};
  /** Asked for by a person: it stays until it is closed, or a change begins. */
  let isByHand = false;
  let questions = 0;

  const shares = computed(() => cluster.rings?.rings.find(({ ring }) => ring === 'object')?.shares ?? []);
  const pending = computed(() => pendingChanges(cluster.nodes, shares.value));
  /** The change may be known before the rings are that it led to. */
  const isChanging = computed(() => {
    const { change, rings } = cluster;
    if (rings?.readiness.state === 'running') return true;
    return change !== null && (change.finishedAtMs === null || (change.phase === 'active' && change.epoch !== rings?.epoch));
  });
  const occasion = computed(() => {
    const state = isChanging.value ? 'running' : cluster.rings?.readiness.state;
    const healthy = cluster.nodes.filter((node) => conditionOf(node) === 'healthy').map(({ id }) => id);
    if (state === 'ready') return `first ${healthy.join()}`;
    return state === 'active' && isPending(pending.value) ? `${cluster.rings?.epoch ?? 0} ${JSON.stringify(pending.value)}` : state;
  });

  async function guarded(kind: 'planning' | 'creating', work: () => Promise<void>): Promise<void> {
    busy.value = kind;
    problem.value = null;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      problem.value = error;
    } finally {
      busy.value = null;
    }
  }

  /** Null when something else was asked for meanwhile. */
  async function askFor(tried: TrialWeights): Promise<RingPlan | null> {
    const own = ++questions;
    const answer = await api.post<RingPlan>('rings/plan', { weights: tried });
    return own === questions ? answer : null;
  }

  async function ask(tried: TrialWeights): Promise<void> {
    const answer = await askFor(tried);
    if (answer === null) return;
    weights = tried;
    plan.value = answer;
  }

  function close(): void {
    questions += 1;
    plan.value = null;
    backTo.value = null;
    missing.value = [];
    weights = {};
    isByHand = false;
    problem.value = null;
    renewed.value = false;
  }

  /**
   * Only those weights that a plan without them would not have, so that the others go on being computed. Speeds that are
   * measured meanwhile change computed weights: then the plan is asked for once more.
   */
  async function goBack(epoch: number, history: readonly RingHistoryEntry[]): Promise<void> {
    isByHand = true;
    backTo.value = epoch;
    const wanted = weightsAtEpoch(epoch, new Map(shares.value.map(({ name, weight }) => [name, weight])), history);
    await guarded('planning', async () => {
      let tried: Record<string, number> = {};
      let answer = await askFor(tried);
      for (let turn = 0; answer !== null && turn < mostTurns; turn++) {
        const differing = answer.members.filter(({ name, weight }) => (wanted.get(name) ?? 0) !== weight);
        if (turn > 0 && differing.length === 0) break;
        tried = { ...tried, ...Object.fromEntries(differing.map(({ name }) => [name, wanted.get(name) ?? 0])) };
        answer = await askFor(tried);
      }
      if (answer === null) return;
      const there = new Set(answer.members.map(({ name }) => name));
      missing.value = [...wanted].filter(([name, weight]) => weight > 0 && !there.has(name)).map(([name]) => name);
      weights = tried;
      plan.value = answer;
    });
  }

  async function create(): Promise<void> {
    const shown = plan.value;
    if (shown === null || busy.value !== null) return;
    await guarded('creating', async () => {
      try {
        cluster.change = await api.post<RingChangeView>('rings', { digest: shown.digest, weights });
      } catch (error) {
        if (!(error instanceof ApiError) || error.code !== 'PlanOutdated') throw error;
        renewed.value = true;
        return ask(weights);
      }
      close();
      await cluster.refresh();
    });
  }

  const showAgain = (): Promise<void> => guarded('planning', () => ask(weights));
  const show = (): Promise<void> => {
    isByHand = true;
    return showAgain();
  };
  // Nodes, rings and change come one after another; what they say together counts.
  watchDebounced(
    occasion,
    (now, before) => {
      if (now === before) return;
      if (now !== 'running' && now !== 'waiting' && now !== 'active' && now !== undefined) void showAgain();
      else if (!isByHand || now === 'running') close();
    },
    { immediate: true, debounce: settledMs },
  );
  return { plan, pending, backTo, missing, problem, busy, renewed, show, goBack, create, close };
}
