import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior, type ZoomTransform } from 'd3-zoom';
import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue';
import { fitOf, inDrawing, relativeTo } from './zoom-transforms.ts';

/** The drawing is made anew this long after the last movement. */
const settleMs = 140;

/**
 * Drag and zoom of a drawing within `frame`. While it moves, the picture that is there is moved as a whole, which
 * costs a frame next to nothing however much is drawn; when it rests, the drawing takes the transform over and is
 * sharp again, and its scale is in the CSS variable `--zoom`. Invariant: nothing is pending once the view is left.
 */
export function useZoom(
  frame: Readonly<Ref<HTMLElement | null>>,
  svg: Readonly<Ref<SVGSVGElement | null>>,
  layer: Readonly<Ref<SVGGElement | null>>,
  most: number,
): { isMoving: Readonly<Ref<boolean>>; by: (factor: number) => void; reset: () => void } {
  const isMoving = ref(false);
  let behaviour: ZoomBehavior<HTMLElement, unknown> | undefined;
  let settled: ZoomTransform = zoomIdentity;
  let current: ZoomTransform = zoomIdentity;
  let resting: ReturnType<typeof setTimeout> | undefined;

  function settle(): void {
    isMoving.value = false;
    settled = current;
    if (!svg.value || !layer.value || !frame.value) return;
    const { width, height } = svg.value.viewBox.baseVal;
    const fit = fitOf({ width: svg.value.clientWidth, height: svg.value.clientHeight }, { width, height });
    const { k, x, y } = inDrawing(current, fit);
    svg.value.style.transform = '';
    layer.value.setAttribute('transform', `translate(${x},${y}) scale(${k})`);
    layer.value.style.setProperty('--zoom', String(k));
  }

  function move(transform: ZoomTransform): void {
    current = transform;
    isMoving.value = true;
    const { k, x, y } = relativeTo(settled, current);
    if (svg.value) svg.value.style.transform = `translate(${x}px,${y}px) scale(${k})`;
    clearTimeout(resting);
    resting = setTimeout(settle, settleMs);
  }

  onMounted(() => {
    if (!frame.value) return;
    const size = (): [[number, number], [number, number]] => [
      [0, 0],
      [svg.value?.clientWidth ?? 0, svg.value?.clientHeight ?? 0],
    ];
    behaviour = zoom<HTMLElement, unknown>()
      .scaleExtent([1, most])
      .extent(size)
      .on('start', () => behaviour?.translateExtent(size()))
      .on('zoom', ({ transform }: D3ZoomEvent<HTMLElement, unknown>) => move(transform));
    select(frame.value).call(behaviour).on('dblclick.zoom', null);
  });
  onBeforeUnmount(() => clearTimeout(resting));
  return {
    isMoving,
    by: (factor) => {
      if (frame.value && behaviour) select(frame.value).call(behaviour.scaleBy, factor);
    },
    reset: () => {
      if (frame.value && behaviour) select(frame.value).call(behaviour.transform, zoomIdentity);
    },
  };
}
