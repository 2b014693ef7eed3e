import { createHash } from 'node:crypto';
import type { StoredChecksum } from '../../../contracts/names.ts';
import { crc32 } from './crc32.ts';
import { Crc64Nvme } from './crc64nvme.ts';
import { crc32Tables, updateCrc32 } from './crc-table.ts';

export type ChecksumAlgorithm = StoredChecksum['algorithm'];

export const checksumAlgorithms: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

/** A checksum that is computed piece by piece. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** To be called once. */
  digest(): Uint8Array;
}

const crc32cTables = crc32Tables(0x82f63b78);

export function createChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return runningCrc32((crc, bytes) => crc32(bytes, crc));
    case 'CRC32C':
      return runningCrc32((crc, bytes) => updateCrc32(crc32cTables, crc, bytes));
    case 'CRC64NVME':
      return new Crc64Nvme();
    case 'SHA1':
      return createHash('sha1');
    case 'SHA256':
      return createHash('sha256');
  }
}

function runningCrc32(step: (crc: number, bytes: Uint8Array) => number): RunningChecksum {
  let crc = 0;
  return {
    update: (bytes) => {
      crc = step(crc, bytes);
    },
    digest: () => new Uint8Array([crc >>> 24, crc >>> 16, crc >>> 8, crc]),
  };
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}

/** Bytes of a base64 text; undefined when it is not exactly one of `length` bytes. */
export function fromBase64(text: string, length: number): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === length && bytes.toString('base64') === text ? bytes : undefined;
}
