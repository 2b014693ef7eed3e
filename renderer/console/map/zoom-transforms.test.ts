import { describe, expect, it } from 'vitest';
import { closeTo, fitAfter, fitOf, relativeTo, stillCovers } from './zoom-transforms.ts';

describe('transforms of the map', () => {
  it('put a point of the drawing where the frame has it', () => {
    const fit = fitOf({ width: 1000, height: 800 }, { width: 200, height: 100 });
    expect(fit).toEqual({ scale: 5, left: 0, top: 150 });
    const moved = { k: 3, x: -40, y: 25 };
    const { scale, left, top } = fitAfter(fit, moved);
    const point = { x: 30, y: 70 };
    expect(left + scale * point.x).toBeCloseTo(moved.k * (fit.left + fit.scale * point.x) + moved.x);
    expect(top + scale * point.y).toBeCloseTo(moved.k * (fit.top + fit.scale * point.y) + moved.y);
  });

  it('lead from one to the other', () => {
    const from = { k: 2, x: 10, y: -5 };
    const to = { k: 5, x: -70, y: 12 };
    const step = relativeTo(from, to);
    expect(step.k * (from.k * 7 + from.x) + step.x).toBeCloseTo(to.k * 7 + to.x);
    expect(step.k * (from.k * 9 + from.y) + step.y).toBeCloseTo(to.k * 9 + to.y);
    expect(relativeTo(from, from)).toEqual({ k: 1, x: 0, y: 0 });
  });

  it('leave the frame filled as far as the picture reaches beyond it', () => {
    const frame = { width: 1000, height: 600 };
    expect(stillCovers(frame, 100, { k: 1, x: 100, y: -100 })).toBe(true);
    expect(stillCovers(frame, 100, { k: 1, x: 101, y: 0 })).toBe(false);
    expect(stillCovers(frame, 100, { k: 1, x: 0, y: -101 })).toBe(false);
    expect(stillCovers(frame, 100, { k: 2, x: -900, y: -500 })).toBe(true);
    expect(stillCovers(frame, 100, { k: 0.5, x: 250, y: 150 })).toBe(false);
  });

  it('go close to a part of the drawing, and put it into the middle', () => {
    const frame = { width: 1000, height: 600 };
    const { k, x, y } = closeTo(frame, { left: 190, right: 210, top: 95, bottom: 105 }, 40);
    expect(k).toBe(30);
    expect([k * 200 + x, k * 100 + y]).toEqual([500, 300]);
    expect(closeTo(frame, { left: 200, right: 200, top: 100, bottom: 100 }, 40).k).toBe(40);
  });
});
