import { readFileSync } from 'node:fs';

/** The kernel counts in hundredths of a second on every platform that has /proc. */
const ticksPerSecond = 100;

/** Processor time of the processes so far, in seconds; one that is gone counts nothing, without /proc all do. */
export function processorSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const line = readStat(pid);
    // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / ticksPerSecond;
}

function readStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return '';
    throw error;
  }
}
