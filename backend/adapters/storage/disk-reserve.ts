import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const greatestBytes = 16 << 20;
const leastBytes = 1 << 20;

export interface DiskReserve {
  /** `tight`: only writes that free space or are small may go on. Looks at the disk, and gives the reserve up or takes it back. */
  check(): 'ample' | 'tight';
  /** The disk is full: gives the reserve up, so that deletes find room. */
  giveUp(): void;
}

/**
 * A file of zeros that holds some space for bad times. Deleting an object writes a tombstone first,
 * so without it nobody could ever delete anything from a full disk.
 */
export function createDiskReserve(path: string): DiskReserve {
  const directory = dirname(path);
  const system = statfsSync(directory);
  const sizeBytes = Math.max(leastBytes, Math.min(greatestBytes, Math.floor((system.blocks * system.bsize) / 32)));
  let held = heldBytes(path) >= sizeBytes;

  function freeBytes(): number {
    const { bavail, bsize } = statfsSync(directory);
    return bavail * bsize;
  }

  function giveUp(): void {
    rmSync(path, { force: true });
    held = false;
  }

  function takeBack(): void {
    try {
      writeZeros(path, sizeBytes);
      held = true;
    } catch {
      // Somebody else was quicker with the space: without a reserve the disk counts as tight.
      giveUp();
    }
  }

  return {
    check: () => {
      const free = freeBytes();
      if (held && free < sizeBytes / 4) giveUp();
      else if (!held && free >= 3 * sizeBytes) takeBack();
      return held ? 'ample' : 'tight';
    },
    giveUp,
  };
}

function heldBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function writeZeros(path: string, sizeBytes: number): void {
  const file = openSync(path, 'w', 0o600);
  try {
    const zeros = Buffer.alloc(1 << 20);
    for (let written = 0; written < sizeBytes;) written += writeSync(file, zeros, 0, Math.min(zeros.length, sizeBytes - written));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
