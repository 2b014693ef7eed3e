import { describe, expect, it } from 'vitest';
import { fitOf, inDrawing, relativeTo } from './zoom-transforms.ts';

describe('transforms of the map', () => {
  it('put a point of the drawing where the frame has it', () => {
    const fit = fitOf({ width: 1000, height: 800 }, { width: 200, height: 100 });
    expect(fit).toEqual({ scale: 5, left: 0, top: 150 });
    const moved = { k: 3, x: -40, y: 25 };
    const { k, x, y } = inDrawing(moved, fit);
    const point = { x: 30, y: 70 };
    const asFrame = { x: moved.k * (fit.left + fit.scale * point.x) + moved.x, y: moved.k * (fit.top + fit.scale * point.y) + moved.y };
    expect(fit.left + fit.scale * (k * point.x + x)).toBeCloseTo(asFrame.x);
    expect(fit.top + fit.scale * (k * point.y + y)).toBeCloseTo(asFrame.y);
  });

  it('lead from one to the other', () => {
    const from = { k: 2, x: 10, y: -5 };
    const to = { k: 5, x: -70, y: 12 };
    const step = relativeTo(from, to);
    expect(step.k * (from.k * 7 + from.x) + step.x).toBeCloseTo(to.k * 7 + to.x);
    expect(step.k * (from.k * 9 + from.y) + step.y).toBeCloseTo(to.k * 9 + to.y);
    expect(relativeTo(from, from)).toEqual({ k: 1, x: 0, y: 0 });
  });
});
