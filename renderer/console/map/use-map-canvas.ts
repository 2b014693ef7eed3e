import { onBeforeUnmount, onMounted, watch, type Ref } from 'vue';
import { useContrast } from '../../shared/use-contrast.ts';
import { useTheme } from '../../shared/use-theme.ts';
import { paintContent, paintWorld, type MapColours, type MapContent } from './map-picture.ts';
import { worldShapes, type WorldShapes } from './world.ts';
import type { Fit, Size } from './zoom-transforms.ts';

/** A picture of more pixels than this would cost more memory than its sharpness is worth. */
const mostPixels = 20e6;

/**
 * Draws the map on a canvas of `size`, anew when the content, the place or the colours are others. Sea and land are kept
 * apart and drawn only when they move, so that new figures cost no coast. Invariant: nothing is drawn once the view is left.
 */
export function useMapCanvas(options: {
  canvas: Readonly<Ref<HTMLCanvasElement | null>>;
  size: () => Size;
  fit: () => Fit;
  content: () => MapContent;
}): void {
  const mode = useTheme();
  const { isHigh } = useContrast();
  const ground = document.createElement('canvas');
  let shapes: WorldShapes | undefined;
  let drawnGround = '';
  let frame = 0;
  let isThere = false;

  function draw(): void {
    const canvas = options.canvas.value;
    const context = canvas?.getContext('2d', { alpha: false });
    const { width, height } = options.size();
    if (!isThere || !canvas || !context || width === 0 || height === 0) return;
    const ratio = Math.min(devicePixelRatio, Math.sqrt(mostPixels / (width * height)));
    resize(canvas, width * ratio, height * ratio);
    const colours = coloursAt(canvas);
    const fit = options.fit();
    drawGround(canvas, fit, ratio, colours);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(ground, 0, 0);
    context.scale(ratio, ratio);
    paintContent(context, options.content(), fit, colours);
  }

  function drawGround({ width, height }: HTMLCanvasElement, fit: Fit, ratio: number, colours: MapColours): void {
    const wanted = JSON.stringify([width, height, fit, ratio, colours]);
    const context = ground.getContext('2d', { alpha: false });
    if (!context || wanted === drawnGround) return;
    resize(ground, width, height);
    shapes ??= worldShapes();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    paintWorld(context, shapes, fit, colours);
    drawnGround = wanted;
  }

  onMounted(() => {
    isThere = true;
    draw();
    // The first picture may have been drawn before its letters were there.
    void document.fonts.ready.then(draw);
  });
  watch([options.size, options.fit, options.content], draw, { flush: 'post' });
  watch([mode, isHigh], () => {
    frame = requestAnimationFrame(draw);
  });
  onBeforeUnmount(() => {
    isThere = false;
    cancelAnimationFrame(frame);
  });
}

/** Only where it is another size: a canvas that is given one loses its picture and its memory. */
function resize(canvas: HTMLCanvasElement, width: number, height: number): void {
  const [wide, high] = [Math.round(width), Math.round(height)];
  if (canvas.width !== wide) canvas.width = wide;
  if (canvas.height !== high) canvas.height = high;
}

function coloursAt(element: Element): MapColours {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(name).trim();
  return {
    surface: of('--surface'),
    raised: of('--surface-raised'),
    line: of('--line'),
    lineStrong: of('--line-strong'),
    ink: of('--ink'),
    inkSoft: of('--ink-soft'),
    warn: of('--warn'),
    bad: of('--bad'),
    font: style.fontFamily,
  };
}
