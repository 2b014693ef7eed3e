/** Reflected polynomial and width of the checksums that can be put together from those of the parts. */
const shapes = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

export type CombinableAlgorithm = keyof typeof shapes;

/**
 * The CRC of a whole from the CRCs (big-endian bytes) and sizes of its pieces in order: crc(A B) =
 * crc(A) * x^(8|B|) + crc(B). BigInt is fast enough for the 10,000 parts of one upload.
 */
export function combineCrcs(algorithm: CombinableAlgorithm, pieces: readonly { value: Uint8Array; sizeBytes: number }[]): Uint8Array {
  const shape = shapes[algorithm];
  let total = 0n;
  let shiftSize = -1;
  let shift = 0n;
  for (const piece of pieces) {
    // Parts are mostly of one size: the power is worth keeping.
    if (piece.sizeBytes !== shiftSize) {
      shiftSize = piece.sizeBytes;
      shift = powerOfX(8n * BigInt(piece.sizeBytes), shape);
    }
    total = multiply(total, shift, shape) ^ fromBytes(piece.value);
  }
  return toBytes(total, Number(shape.width / 8n));
}

interface Shape {
  readonly width: bigint;
  readonly polynomial: bigint;
}

/** Product of two reflected polynomials modulo the CRC's. The top bit is x^0. */
function multiply(left: bigint, right: bigint, shape: Shape): bigint {
  let product = 0n;
  let factor = right;
  for (let bit = shape.width - 1n; bit >= 0n; bit--) {
    if ((left >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ shape.polynomial : factor >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, shape: Shape): bigint {
  let result = 1n << (shape.width - 1n);
  let square = 1n << (shape.width - 2n);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = multiply(result, square, shape);
    square = multiply(square, square, shape);
  }
  return result;
}

function fromBytes(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

function toBytes(value: bigint, length: number): Uint8Array {
  const result = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index--) {
    result[index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return result;
}
