import { onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue';

/**
 * True once what is there now has been painted, for parts whose code may come later; counted from the moment at which
 * `isReady` says that what matters is there. That moment has the name `mark` in the browser's timeline, so that what was
 * loaded before it can be measured.
 */
export function useAfterPaint(mark: string, isReady: () => boolean = () => true): Readonly<Ref<boolean>> {
  const painted = ref(false);
  let frame = 0;
  onMounted(() => {
    watch(
      isReady,
      (ready) => {
        if (!ready || frame !== 0) return;
        // The first frame draws; the second begins when it has been drawn.
        frame = requestAnimationFrame(() => {
          frame = requestAnimationFrame(() => {
            performance.mark(mark);
            painted.value = true;
          });
        });
      },
      { immediate: true, flush: 'post' },
    );
  });
  onBeforeUnmount(() => cancelAnimationFrame(frame));
  return painted;
}
