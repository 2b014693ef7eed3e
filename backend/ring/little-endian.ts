/** Bytes of the assignment as every machine writes them, whatever its own byte order; on most machines a view, no copy. */
export function littleEndian(assignment: Uint16Array): Uint8Array {
  if (isLittleEndian) return new Uint8Array(assignment.buffer, assignment.byteOffset, assignment.byteLength);
  const bytes = new Uint8Array(assignment.length * 2);
  for (let index = 0; index < assignment.length; index++) {
    const value = assignment[index] as number;
    bytes[2 * index] = value & 0xff;
    bytes[2 * index + 1] = value >>> 8;
  }
  return bytes;
}

const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
