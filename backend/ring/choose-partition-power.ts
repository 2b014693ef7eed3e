export const minimumPartitionPower = 10;
export const maximumPartitionPower = 18;

/** Least P from 10 to 18 with 2^P >= 100 x nodes, but never below `previous`: a ring's P does not fall. */
export function choosePartitionPower(nodeCount: number, previous = minimumPartitionPower): number {
  let power = Math.max(minimumPartitionPower, previous);
  while (power < maximumPartitionPower && 2 ** power < 100 * nodeCount) power += 1;
  return power;
}
