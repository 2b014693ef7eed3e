import { readFileSync } from 'node:fs';

const sampleEveryMs = 100;

/** Resident memory of a process in bytes; null when it is gone. */
export function residentBytes(pid: number): number | null {
  try {
    const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH')) return null;
    throw error;
  }
}

export interface MemoryWatch {
  /** Highest of every process since the start, in the order of the pids; 0 for one that was never seen. */
  stop(): readonly number[];
}

/** Samples the resident memory of processes until it is stopped. Linux only: elsewhere it sees zeros. */
export function watchMemory(pids: readonly number[]): MemoryWatch {
  const peaks = pids.map(() => 0);
  const sample = (): void =>
    pids.forEach((pid, index) => {
      peaks[index] = Math.max(peaks[index] ?? 0, residentBytes(pid) ?? 0);
    });
  sample();
  const timer = setInterval(sample, sampleEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      sample();
      return peaks;
    },
  };
}
