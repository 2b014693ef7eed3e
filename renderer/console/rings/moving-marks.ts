import { arc } from 'd3-shape';
import { finestSlots } from './ring-shape.ts';

/** Marks outside of a ring where partitions get a node that they did not have. Pure. */

const markLength = 6;

/**
 * One SVG path. `moving` is base64, one bit a partition, the lowest bit of a byte first. Of rings finer than the
 * drawing a mark stands for any of its partitions; neighbours become one mark.
 */
export function movingMarks(moving: string, partitionPower: number, radius: number): string {
  const bits = atob(moving);
  const slots = Math.min(2 ** partitionPower, finestSlots);
  const stride = 2 ** partitionPower / slots;
  const isMarked = (slot: number): boolean => {
    for (let partition = slot * stride; partition < (slot + 1) * stride; partition++)
      if (((bits.charCodeAt(partition >> 3) >> (partition & 7)) & 1) === 1) return true;
    return false;
  };
  const mark = arc<{ from: number; to: number }>()
    .innerRadius(radius)
    .outerRadius(radius + markLength)
    .startAngle(({ from }) => ((from + 0.1) / slots) * 2 * Math.PI)
    .endAngle(({ to }) => ((to - 0.1) / slots) * 2 * Math.PI)
    .digits(2);
  const path: string[] = [];
  for (let slot = 0, from = -1; slot <= slots; slot++) {
    const marked = slot < slots && isMarked(slot);
    if (marked && from < 0) from = slot;
    if (marked || from < 0) continue;
    path.push(mark({ from, to: slot }) ?? '');
    from = -1;
  }
  return path.join('');
}
