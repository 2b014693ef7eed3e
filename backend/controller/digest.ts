import { createHash, timingSafeEqual } from 'node:crypto';
import { toHex } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';

/** SHA-256 of UTF-8 `text`, hexadecimal. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Whether two hexadecimal digests of the same length are equal, in time that does not depend on where they differ. */
export function equalDigests(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left, 'utf8');
  const rightBytes = Buffer.from(right, 'utf8');
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/** Base64url (no padding) of hexadecimal `hex`. */
export function hexToBase64Url(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}

/** `lengthBytes` random bytes as base64url; a secret when the random source is one. */
export function randomSecret(random: Random, lengthBytes: number): string {
  return Buffer.from(random.bytes(lengthBytes)).toString('base64url');
}

/** `lengthBytes` random bytes in hexadecimal. */
export function randomHex(random: Random, lengthBytes: number): string {
  return toHex(random.bytes(lengthBytes));
}
