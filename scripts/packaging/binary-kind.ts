/** For which system and processor a program or library was made: `linux-x64`; null for anything else. */
export function binaryKind(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 0x40) return null;
  const first = view.getUint32(0);
  if (first === 0x7f454c46) return named('linux', { 62: 'x64', 183: 'arm64' }, view.getUint16(18, true));
  if (first === 0xcffaedfe) return named('darwin', { 0x01000007: 'x64', 0x0100000c: 'arm64' }, view.getUint32(4, true));
  if (view.getUint16(0) !== 0x4d5a) return null;
  const header = view.getUint32(0x3c, true);
  if (header + 6 > bytes.length || view.getUint32(header) !== 0x50450000) return null;
  return named('win32', { 0x8664: 'x64', 0xaa64: 'arm64' }, view.getUint16(header + 4, true));
}

function named(system: string, processors: Readonly<Record<number, string>>, code: number): string | null {
  const processor = processors[code];
  return processor === undefined ? null : `${system}-${processor}`;
}

/** Width and height of a PNG; null for anything else. */
export function pngSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | null {
  if (bytes.length < 24) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
