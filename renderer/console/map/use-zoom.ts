import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent, type ZoomBehavior } from 'd3-zoom';
import { onMounted, type Ref } from 'vue';

/**
 * Drag and zoom of a drawing. The transform goes straight to the element, and its scale to the CSS
 * variable `--zoom`: a frame costs no rendering of the page's components.
 */
export function useZoom(
  svg: Readonly<Ref<SVGSVGElement | null>>,
  layer: Readonly<Ref<SVGGElement | null>>,
  most: number,
): { by: (factor: number) => void; reset: () => void } {
  let behaviour: ZoomBehavior<SVGSVGElement, unknown> | undefined;
  onMounted(() => {
    if (!svg.value) return;
    behaviour = zoom<SVGSVGElement, unknown>()
      .scaleExtent([1, most])
      .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
        layer.value?.setAttribute('transform', transform.toString());
        layer.value?.style.setProperty('--zoom', String(transform.k));
      });
    const { width, height } = svg.value.viewBox.baseVal;
    behaviour.translateExtent([
      [0, 0],
      [width, height],
    ]);
    select(svg.value).call(behaviour).on('dblclick.zoom', null);
  });
  return {
    by: (factor) => {
      if (svg.value && behaviour) select(svg.value).call(behaviour.scaleBy, factor);
    },
    reset: () => {
      if (svg.value && behaviour) select(svg.value).call(behaviour.transform, zoomIdentity);
    },
  };
}
