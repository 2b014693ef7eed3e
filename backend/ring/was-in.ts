/** Whether `node` was in the partition that begins at slot `base`, at the `start` of a change. */
export function wasIn(start: Uint16Array, base: number, replicas: number, node: number): boolean {
  for (let slot = base; slot < base + replicas; slot++) if (start[slot] === node) return true;
  return false;
}
