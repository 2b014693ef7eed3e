import { computed, ref, type ComputedRef } from 'vue';
import type { AssignmentView } from '../../../backend/contracts/admin-api.ts';
import type { RingName } from '../../../backend/contracts/ids.ts';
import type { Assignments } from '../stores/ring-assignments.ts';
import { holdersOf, placeAt, type RingPlace } from './ring-places.ts';
import { decodeAssignment } from './ring-shape.ts';

const ringsOutside: readonly RingName[] = ['object', 'container', 'account'];

export interface PointedAt extends RingPlace {
  readonly node: AssignmentView['nodes'][number];
  readonly holders: AssignmentView['nodes'];
}

/**
 * What the pointer or the keyboard points at in the rings. Keys: left and right go to the next arc of
 * another node, up and down to another ring, Home and End to the first and last partition, Escape away.
 * `drawn` is what the picture shows; what is told of a place needs every partition, and `loadWhole` is asked for them.
 */
export function useRingPointer(
  drawn: () => Assignments | null,
  assignments: () => Assignments | null,
  loadWhole: () => void,
): {
  pointed: ComputedRef<PointedAt | null>;
  pointAt: (x: number, y: number) => void;
  leave: () => void;
  onKey: (event: KeyboardEvent) => void;
} {
  const place = ref<RingPlace | null>(null);
  const decoded = computed(() => {
    const views = assignments();
    return (
      views && {
        account: decodeAssignment(views.account),
        container: decodeAssignment(views.container),
        object: decodeAssignment(views.object),
      }
    );
  });

  const pointed = computed((): PointedAt | null => {
    const views = assignments();
    if (!place.value || !views || !decoded.value) return null;
    const { ring, partition, lane } = place.value;
    const holders = holdersOf(views[ring], decoded.value[ring], partition);
    const node = holders[lane];
    return node ? { ring, partition, lane, node, holders } : null;
  });

  function step(by: 1 | -1): void {
    const views = assignments();
    if (!place.value || !views || !decoded.value) return;
    const { ring, partition, lane } = place.value;
    const { partitionPower, replicas } = views[ring];
    const count = 2 ** partitionPower;
    const indices = decoded.value[ring];
    const owner = indices[partition * replicas + lane];
    let next = partition;
    for (let steps = 0; steps < count; steps++) {
      next = (next + by + count) % count;
      if (indices[next * replicas + lane] !== owner) break;
    }
    place.value = { ring, partition: next, lane };
  }

  function changeRing(by: 1 | -1): void {
    const views = assignments();
    if (!place.value || !views) return;
    const { ring, partition } = place.value;
    const next = ringsOutside[(ringsOutside.indexOf(ring) + by + 3) % 3] ?? 'object';
    const power = views[ring].partitionPower - views[next].partitionPower;
    place.value = { ring: next, partition: Math.floor(partition / 2 ** power), lane: 0 };
  }

  const last = (): number => 2 ** (assignments()?.[place.value?.ring ?? 'object'].partitionPower ?? 0) - 1;
  const jump = (partition: number): void => {
    if (place.value) place.value = { ...place.value, partition };
  };
  const keys: Readonly<Record<string, () => void>> = {
    ArrowRight: () => step(1),
    ArrowLeft: () => step(-1),
    ArrowUp: () => changeRing(-1),
    ArrowDown: () => changeRing(1),
    Home: () => jump(0),
    End: () => jump(last()),
  };

  return {
    pointed,
    pointAt: (x, y) => {
      const views = drawn();
      const found = views && placeAt(x, y, (ring) => views[ring]);
      const isSame = found?.ring === place.value?.ring && found?.partition === place.value?.partition && found?.lane === place.value?.lane;
      if (found && !assignments()) loadWhole();
      if (!isSame) place.value = found;
    },
    leave: () => {
      place.value = null;
    },
    onKey: (event) => {
      if (event.key === 'Escape' && place.value) {
        event.stopPropagation();
        place.value = null;
        return;
      }
      const act = keys[event.key];
      if (!act || !drawn()) return;
      event.preventDefault();
      if (!assignments()) loadWhole();
      if (place.value) act();
      else place.value = { ring: 'object', partition: 0, lane: 0 };
    },
  };
}
