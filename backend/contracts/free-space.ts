/**
 * What is free of the capacity that a node declared: its disk may have more room, for others, and its blobs take their
 * part of it however much that is. Pure. `blobBytes` is null where the node does not tell it.
 */
export function freeWithinCapacity(capacityBytes: number, diskFreeBytes: number, blobBytes: number | null): number {
  return Math.min(diskFreeBytes, Math.max(0, capacityBytes - (blobBytes ?? 0)));
}
