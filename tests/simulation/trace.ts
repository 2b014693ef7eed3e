import { createHash } from 'node:crypto';

/** Everything that happened in a run, as one hash: the same seed gives the same. Optionally the lines themselves. */
export interface Trace {
  add(line: string): void;
  digest(): string;
  readonly lines: readonly string[];
}

export function createTrace(keepLines = false): Trace {
  const hash = createHash('sha256');
  const lines: string[] = [];
  let pending = '';
  return {
    lines,
    add(line) {
      if (keepLines) lines.push(line);
      pending += line + '\n';
      if (pending.length > 16_384) {
        hash.update(pending);
        pending = '';
      }
    },
    digest() {
      hash.update(pending);
      pending = '';
      return hash.copy().digest('hex').slice(0, 16);
    },
  };
}

/** A short fingerprint of bytes (FNV-1a). */
export function fingerprint(bytes: Uint8Array): string {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16);
}
