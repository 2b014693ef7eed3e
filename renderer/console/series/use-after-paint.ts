import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';

/**
 * True once what is there now has been painted, for parts whose code may come later. The moment is marked
 * as `first-view-painted` in the browser's timeline, so that what was loaded before it can be measured.
 */
export function useAfterPaint(): Readonly<Ref<boolean>> {
  const painted = ref(false);
  let frame = 0;
  onMounted(() => {
    // The first frame draws; the second begins when it has been drawn.
    frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => {
        performance.mark('first-view-painted');
        painted.value = true;
      });
    });
  });
  onBeforeUnmount(() => cancelAnimationFrame(frame));
  return painted;
}
