import type { ObservedSpeed } from '../../contracts/cluster-messages.ts';

/** What nodes have told of one node lately. */
export interface ObservedOf {
  readonly readBytesPerSecond: number | null;
  readonly writeBytesPerSecond: number | null;
  /** Nodes that told anything. */
  readonly reporters: number;
}

interface Report {
  readonly atMs: number;
  readonly speeds: ReadonlyMap<string, ObservedSpeed>;
}

/** A node that has not answered for so long tells nothing any more. */
const lifeMs = 60_000;

export interface ObservedReports {
  /** The newest word of `from`; it takes the place of the one before. */
  take(from: string, speeds: readonly ObservedSpeed[], nowMs: number): void;
  /** The best that any node has seen of `nodeId`: a slow line between two says nothing about either. */
  of(nodeId: string, nowMs: number): ObservedOf;
  forget(from: string): void;
}

export function createObservedReports(): ObservedReports {
  const reports = new Map<string, Report>();
  const better = (left: number | null, right: number | null): number | null =>
    left === null || right === null ? (left ?? right) : Math.max(left, right);

  return {
    take: (from, speeds, nowMs) => {
      if (speeds.length === 0) reports.delete(from);
      else reports.set(from, { atMs: nowMs, speeds: new Map(speeds.map((speed) => [speed.nodeId, speed])) });
    },
    of: (nodeId, nowMs) => {
      let readBytesPerSecond: number | null = null;
      let writeBytesPerSecond: number | null = null;
      let reporters = 0;
      for (const [from, { atMs, speeds }] of reports) {
        const speed = nowMs - atMs > lifeMs || from === nodeId ? undefined : speeds.get(nodeId);
        if (speed === undefined) continue;
        reporters += 1;
        readBytesPerSecond = better(readBytesPerSecond, speed.readBytesPerSecond);
        writeBytesPerSecond = better(writeBytesPerSecond, speed.writeBytesPerSecond);
      }
      return { readBytesPerSecond, writeBytesPerSecond, reporters };
    },
    forget: (from) => void reports.delete(from),
  };
}
