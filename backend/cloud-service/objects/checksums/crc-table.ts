/** Reflected CRC-32 tables for slicing by eight: 8 x 256 entries, table 0 first. */
export function crc32Tables(polynomial: number): Int32Array {
  const tables = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ polynomial : value >>> 1;
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index++) {
    const previous = tables[index - 256] as number;
    tables[index] = (previous >>> 8) ^ (tables[previous & 0xff] as number);
  }
  return tables;
}

/** Continues the reflected CRC-32 `crc` (0 at the start) over `bytes`; answers it unsigned. */
export function updateCrc32(tables: Int32Array, crc: number, bytes: Uint8Array): number {
  let value = ~crc;
  let index = 0;
  const whole = bytes.length - 7;
  while (index < whole) {
    const low =
      value ^
      ((bytes[index] as number) |
        ((bytes[index + 1] as number) << 8) |
        ((bytes[index + 2] as number) << 16) |
        ((bytes[index + 3] as number) << 24));
    value =
      (tables[1792 + (low & 0xff)] as number) ^
      (tables[1536 + ((low >>> 8) & 0xff)] as number) ^
      (tables[1280 + ((low >>> 16) & 0xff)] as number) ^
      (tables[1024 + (low >>> 24)] as number) ^
      (tables[768 + (bytes[index + 4] as number)] as number) ^
      (tables[512 + (bytes[index + 5] as number)] as number) ^
      (tables[256 + (bytes[index + 6] as number)] as number) ^
      (tables[bytes[index + 7] as number] as number);
    index += 8;
  }
  while (index < bytes.length) {
    value = (value >>> 8) ^ (tables[(value ^ (bytes[index] as number)) & 0xff] as number);
    index += 1;
  }
  return ~value >>> 0;
}
