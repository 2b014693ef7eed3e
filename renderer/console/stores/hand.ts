import { defineStore } from 'pinia';
import { readonly, ref } from 'vue';

/** A hand that has not moved for this long rests. */
const restMs = 200;

/**
 * Whether a person drags, zooms or scrolls just now. What is new may wait then, for every answer that is taken over costs
 * the movement a frame. Views call `moved` with each movement.
 */
export const useHandStore = defineStore('hand', () => {
  const isMoving = ref(false);
  let resting: ReturnType<typeof setTimeout> | undefined;

  const moved = (): void => {
    isMoving.value = true;
    clearTimeout(resting);
    resting = setTimeout(() => {
      isMoving.value = false;
    }, restMs);
  };

  return { isMoving: readonly(isMoving), moved };
});
