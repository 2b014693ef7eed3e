import type { LogLevel, LogTailLine } from './logger.ts';

/** The last lines that a process logged, kept in memory so that an administrator can see them from afar. */
export interface LogTail {
  /** Newest first. */
  latest(limit: number): readonly LogTailLine[];
}

const keptLines = 500;
const longestText = 2_000;

/** Invariant: at most 500 lines of at most 2,000 characters a part are kept. */
export function createLogTail(): LogTail & { add(line: { atMs: number; level: LogLevel; message: string; fields: string }): void } {
  const lines: LogTailLine[] = [];
  let sequence = 0;
  return {
    add: ({ atMs, level, message, fields }) => {
      sequence += 1;
      lines.push({ sequence, atMs, level, message: message.slice(0, longestText), fields: fields.slice(0, longestText) });
      if (lines.length > keptLines) lines.shift();
    },
    latest: (limit) => lines.slice(-limit).reverse(),
  };
}
