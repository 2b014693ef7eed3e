import { shallowRef, type ShallowRef } from 'vue';
import type { AssignmentView, RingsView } from '../../../backend/contracts/admin-api.ts';
import { ringNames, type RingName } from '../../../backend/contracts/ids.ts';
import type { ApiClient } from '../../shared/api-client.ts';
import { finestSlots } from '../rings/ring-shape.ts';

export type Assignments = Readonly<Record<RingName, AssignmentView>>;

/**
 * Which node holds what of the three rings. `drawn` has as many partitions as a picture can show; `whole` has all of them
 * and is a hundred times larger with a thousand nodes, so it comes only when somebody points at a ring. Rings stay as they
 * are within an epoch; which partitions move is told only until it is active. Invariant: `whole` is of the same epoch as `drawn`.
 */
export function createRingAssignments(api: ApiClient): {
  drawn: ShallowRef<Assignments | null>;
  whole: ShallowRef<Assignments | null>;
  keepUpWith: (rings: RingsView) => Promise<void>;
  loadWhole: () => Promise<void>;
} {
  const drawn = shallowRef<Assignments | null>(null);
  const whole = shallowRef<Assignments | null>(null);
  let loading: Promise<void> | undefined;

  async function load(query: Record<string, number>): Promise<Assignments | null> {
    const [account, container, object] = await Promise.all(
      ringNames.map((ring) => api.get<AssignmentView>(`rings/${ring}/assignment`, query)),
    );
    return account && container && object ? { account, container, object } : null;
  }

  async function keepUpWith({ epoch, phase }: RingsView): Promise<void> {
    const known = drawn.value?.object;
    if (known?.epoch === epoch && (known.moving !== undefined) === (phase !== 'active')) return;
    const views = epoch === 0 ? null : await load({ mostPartitions: finestSlots });
    whole.value = views !== null && Object.values(views).every(({ everyNth }) => everyNth === undefined) ? views : null;
    drawn.value = views;
  }

  async function loadEvery(): Promise<void> {
    const of = drawn.value;
    const views = await load({});
    if (of === drawn.value) whole.value = views;
  }

  return {
    drawn,
    whole,
    keepUpWith,
    loadWhole: async () => {
      if (drawn.value === null || whole.value !== null) return;
      loading ??= loadEvery().finally(() => {
        loading = undefined;
      });
      await loading;
    },
  };
}
