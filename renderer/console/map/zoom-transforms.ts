/** Between pixels of the frame and units of the drawing. Pure. */
export interface Transform {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}
interface Size {
  readonly width: number;
  readonly height: number;
}
/** Pixels a unit, and pixels from the corner of the frame to that of the drawing: it is fitted in whole, in the middle. */
export interface Fit {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

export function fitOf(frame: Size, drawing: Size): Fit {
  const scale = Math.max(1e-6, Math.min(frame.width / drawing.width, frame.height / drawing.height));
  return { scale, left: (frame.width - scale * drawing.width) / 2, top: (frame.height - scale * drawing.height) / 2 };
}

/** The same movement in units of the drawing. */
export function inDrawing({ k, x, y }: Transform, { scale, left, top }: Fit): Transform {
  return { k, x: (x + left * (k - 1)) / scale, y: (y + top * (k - 1)) / scale };
}

/** What leads from one transform to another. */
export function relativeTo(from: Transform, to: Transform): Transform {
  const k = to.k / from.k;
  return { k, x: to.x - k * from.x, y: to.y - k * from.y };
}
