import type { DrainView } from '../../../backend/contracts/drain.ts';

/** How far a drain is. Pure. */
export const isDraining = ({ state }: Pick<DrainView, 'state'>): boolean =>
  state === 'copying' || state === 'paused' || state === 'leaving-rings';

/** Part of the bytes that no record names there any more, 0..1; of the blobs where they have no bytes. */
export function drainedShare({ state, total, left }: Pick<DrainView, 'state' | 'total' | 'left'>): number {
  if (state === 'leaving-rings' || state === 'drained') return 1;
  if (total === null || left === null) return 0;
  const [done, all] = total.bytes > 0 ? [total.bytes - left.bytes, total.bytes] : [total.blobs - left.blobs, total.blobs];
  return all === 0 ? 0 : Math.min(1, Math.max(0, done / all));
}
