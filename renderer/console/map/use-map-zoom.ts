import { select, type Selection } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom';
import { onBeforeUnmount, onMounted, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import { relativeTo, stillCovers, type Size, type Transform } from './zoom-transforms.ts';

/** The drawing is made anew this long after the last movement. */
const settleMs = 140;
/** While a movement goes on it is made anew at most this often, where its edges come into sight. */
const leastGapMs = 100;

/**
 * Drag and zoom within `frame`. While it moves, `picture` (which reaches `margin` pixels beyond the frame) is moved as a
 * whole, by a CSS transform: that draws nothing anew, however much is in it. When it rests, `settled` becomes the transform
 * at which the picture is to be drawn. Invariant: nothing is pending once the view is left.
 */
export function useMapZoom(options: {
  frame: Readonly<Ref<HTMLElement | null>>;
  picture: Readonly<Ref<HTMLElement | null>>;
  size: Readonly<Ref<Size>>;
  margin: () => number;
  most: number;
  moved: () => void;
}): { settled: Readonly<ShallowRef<Transform>>; by: (factor: number) => void; to: (transform: Transform) => void; reset: () => void } {
  const { frame, picture, size, margin, most } = options;
  const settled = shallowRef<Transform>(zoomIdentity);
  let behaviour: ZoomBehavior<HTMLElement, unknown> | undefined;
  let current: Transform = zoomIdentity;
  let resting: ReturnType<typeof setTimeout> | undefined;
  let settledAtMs = 0;

  function settle(): void {
    clearTimeout(resting);
    settledAtMs = performance.now();
    settled.value = current;
    if (picture.value) picture.value.style.transform = '';
  }

  function move(transform: Transform): void {
    current = transform;
    options.moved();
    const step = relativeTo(settled.value, current);
    const { k } = step;
    // On whole pixels nothing need be interpolated.
    const [x, y] = k === 1 ? [Math.round(step.x), Math.round(step.y)] : [step.x, step.y];
    if (picture.value) picture.value.style.transform = `translate(${x}px,${y}px) scale(${k})`;
    if (!stillCovers(size.value, margin(), step) && performance.now() - settledAtMs > leastGapMs) return settle();
    clearTimeout(resting);
    resting = setTimeout(settle, settleMs);
  }

  /** Who presses a button sees at once where it leads. */
  function jump(
    how: (selected: Selection<HTMLElement, unknown, null, undefined>, zoomed: ZoomBehavior<HTMLElement, unknown>) => void,
  ): void {
    if (!frame.value || !behaviour) return;
    how(select<HTMLElement, unknown>(frame.value), behaviour);
    settle();
  }
  const to = ({ k, x, y }: Transform): void =>
    jump((selected, zoomed) => selected.call(zoomed.transform, zoomIdentity.translate(x, y).scale(k)));

  onMounted(() => {
    if (!frame.value) return;
    const whole = (): [[number, number], [number, number]] => [
      [0, 0],
      [size.value.width, size.value.height],
    ];
    behaviour = zoom<HTMLElement, unknown>()
      .scaleExtent([1, most])
      .extent(whole)
      .on('start', () => behaviour?.translateExtent(whole()))
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => move(transform));
    select(frame.value).call(behaviour).on('dblclick.zoom', null);
  });
  // The same part of the world stays in sight when the frame gets another size.
  watch(size, (now, before) => {
    if (before.width > 0 && before.height > 0 && current.k > 1)
      to({ k: current.k, x: (current.x * now.width) / before.width, y: (current.y * now.height) / before.height });
  });
  onBeforeUnmount(() => clearTimeout(resting));
  return {
    settled,
    to,
    by: (factor) => jump((selected, zoomed) => selected.call(zoomed.scaleBy, factor)),
    reset: () => to({ k: 1, x: 0, y: 0 }),
  };
}
