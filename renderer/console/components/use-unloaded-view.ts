import { computed, onBeforeUnmount, shallowRef, type ComputedRef } from 'vue';
import { useRouter } from 'vue-router';
import { onLineBack } from '../stores/on-line-back.ts';

/**
 * Whether the view that was asked for last did not come: its code is fetched when it is first opened, and the Controller may be
 * away by then, or have another version of the page. It is opened when the line is back.
 */
export function useUnloadedView(): ComputedRef<boolean> {
  const router = useRouter();
  const wanted = shallowRef<string | null>(null);
  const stops = [
    router.onError((_error, to) => (wanted.value = to.fullPath)),
    router.afterEach((_to, _from, failed) => {
      if (!failed) wanted.value = null;
    }),
  ];
  onLineBack(() => {
    // What goes wrong is heard by onError.
    if (wanted.value !== null) router.push(wanted.value).catch(() => undefined);
  });
  onBeforeUnmount(() => {
    for (const stop of stops) stop();
  });
  return computed(() => wanted.value !== null);
}
