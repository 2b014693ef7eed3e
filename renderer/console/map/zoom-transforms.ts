/** Between pixels of the frame and units of the drawing. Pure. */
export interface Transform {
  readonly k: number;
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
/** Pixels a unit, and pixels from the corner of the frame to that of the drawing. */
export interface Fit {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** The drawing in whole, in the middle of the frame. */
export function fitOf(frame: Size, drawing: Size): Fit {
  const scale = Math.max(1e-6, Math.min(frame.width / drawing.width, frame.height / drawing.height));
  return { scale, left: (frame.width - scale * drawing.width) / 2, top: (frame.height - scale * drawing.height) / 2 };
}

/** The same after the frame was moved and scaled. */
export function fitAfter({ scale, left, top }: Fit, { k, x, y }: Transform): Fit {
  return { scale: k * scale, left: k * left + x, top: k * top + y };
}

/** What leads from one transform to another. */
export function relativeTo(from: Transform, to: Transform): Transform {
  const k = to.k / from.k;
  return { k, x: to.x - k * from.x, y: to.y - k * from.y };
}

/** Whether a picture that reaches `margin` beyond the frame still fills it after the movement. */
export function stillCovers({ width, height }: Size, margin: number, { k, x, y }: Transform): boolean {
  return x - k * margin <= 0 && y - k * margin <= 0 && k * (width + margin) + x >= width && k * (height + margin) + y >= height;
}

/** The transform that brings a part of the drawing, given in pixels of the unmoved frame, into the middle, with space around. */
export function closeTo(
  { width, height }: Size,
  box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number },
  most: number,
): Transform {
  const part = 0.6;
  const k = Math.max(
    1,
    Math.min(most, (part * width) / Math.max(1e-6, box.right - box.left), (part * height) / Math.max(1e-6, box.bottom - box.top)),
  );
  return { k, x: width / 2 - (k * (box.left + box.right)) / 2, y: height / 2 - (k * (box.top + box.bottom)) / 2 };
}
