import type { NodeParameters } from '../contracts/membership.ts';

const gibibyte = 2 ** 30;

/**
 * Weight of a node in the rings: capacity in GiB x clamp(write speed / median, 0.5, 2), rounded, at
 * least 1. `medianWriteBytesPerSecond` is that of all nodes of the proposal.
 */
export function nodeWeight(
  parameters: Pick<NodeParameters, 'capacityBytes' | 'declaredWriteBytesPerSecond'>,
  medianWriteBytesPerSecond: number,
): number {
  if (parameters.capacityBytes <= 0) return 0;
  const relative = medianWriteBytesPerSecond > 0 ? parameters.declaredWriteBytesPerSecond / medianWriteBytesPerSecond : 1;
  const factor = Math.min(2, Math.max(0.5, relative));
  return Math.max(1, Math.round((parameters.capacityBytes / gibibyte) * factor));
}
