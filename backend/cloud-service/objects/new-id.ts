import { toHex } from '../../base/bytes.ts';
import type { Random } from '../../base/random.ts';

/** 128 random bits as 32 hexadecimal characters: blob, operation and upload ids. */
export function newId(random: Random): string {
  return toHex(random.bytes(16));
}
