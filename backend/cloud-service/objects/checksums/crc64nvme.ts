/** CRC-64/NVME, reflected, as two 32-bit halves because BigInt is a hundred times slower. */
const polynomialHigh = 0x9a6c9329;
const polynomialLow = 0xac4bc9b5;

let tables: { readonly high: Int32Array; readonly low: Int32Array } | undefined;

/** Slicing by eight; made at first use, constant afterwards. */
function crc64Tables(): { readonly high: Int32Array; readonly low: Int32Array } {
  if (tables) return tables;
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let valueHigh = 0;
    let valueLow = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = valueLow & 1;
      valueLow = (valueLow >>> 1) | (valueHigh << 31);
      valueHigh >>>= 1;
      if (odd) {
        valueHigh ^= polynomialHigh;
        valueLow ^= polynomialLow;
      }
    }
    high[byte] = valueHigh;
    low[byte] = valueLow;
  }
  for (let index = 256; index < high.length; index++) {
    const previousHigh = high[index - 256] as number;
    const previousLow = low[index - 256] as number;
    const entry = previousLow & 0xff;
    low[index] = ((previousLow >>> 8) | (previousHigh << 24)) ^ (low[entry] as number);
    high[index] = (previousHigh >>> 8) ^ (high[entry] as number);
  }
  tables = { high, low };
  return tables;
}

/** State of a running CRC-64/NVME. */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    const { high: tableHigh, low: tableLow } = crc64Tables();
    let high = this.#high;
    let low = this.#low;
    let index = 0;
    const whole = bytes.length - 7;
    while (index < whole) {
      const first =
        low ^
        ((bytes[index] as number) |
          ((bytes[index + 1] as number) << 8) |
          ((bytes[index + 2] as number) << 16) |
          ((bytes[index + 3] as number) << 24));
      const second =
        high ^
        ((bytes[index + 4] as number) |
          ((bytes[index + 5] as number) << 8) |
          ((bytes[index + 6] as number) << 16) |
          ((bytes[index + 7] as number) << 24));
      const a = 1792 + (first & 0xff);
      const b = 1536 + ((first >>> 8) & 0xff);
      const c = 1280 + ((first >>> 16) & 0xff);
      const d = 1024 + (first >>> 24);
      const e = 768 + (second & 0xff);
      const f = 512 + ((second >>> 8) & 0xff);
      const g = 256 + ((second >>> 16) & 0xff);
      const h = second >>> 24;
      low =
        (tableLow[a] as number) ^
        (tableLow[b] as number) ^
        (tableLow[c] as number) ^
        (tableLow[d] as number) ^
        (tableLow[e] as number) ^
        (tableLow[f] as number) ^
        (tableLow[g] as number) ^
        (tableLow[h] as number);
      high =
        (tableHigh[a] as number) ^
        (tableHigh[b] as number) ^
        (tableHigh[c] as number) ^
        (tableHigh[d] as number) ^
        (tableHigh[e] as number) ^
        (tableHigh[f] as number) ^
        (tableHigh[g] as number) ^
        (tableHigh[h] as number);
      index += 8;
    }
    while (index < bytes.length) {
      const entry = (low ^ (bytes[index] as number)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[entry] as number);
      high = (high >>> 8) ^ (tableHigh[entry] as number);
      index += 1;
    }
    this.#high = high;
    this.#low = low;
  }

  /** Eight bytes, most significant first. */
  digest(): Uint8Array {
    const result = new Uint8Array(8);
    const view = new DataView(result.buffer);
    view.setUint32(0, ~this.#high >>> 0);
    view.setUint32(4, ~this.#low >>> 0);
    return result;
  }
}
