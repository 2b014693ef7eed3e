import type { RingMoves } from '../../contracts/admin-api.ts';
import { ringNames } from '../../contracts/ids.ts';
import { diffRing } from '../../ring/diff-ring.ts';
import type { RingSet } from '../../ring/ring.ts';
import type { RecordLoads } from './record-loads.ts';

export interface RingMovesInput {
  readonly before: RingSet;
  readonly after: RingSet;
  readonly loads: RecordLoads;
  readonly writeBytesPerSecond: (nodeId: string) => number;
  /** Seconds that carrying one record took in the last change; null before there was one. */
  readonly secondsPerRecord: number | null;
}

export interface PlannedMoves {
  readonly moves: RingMoves;
  /** Bytes that each node receives, small objects included, by id. */
  readonly receivedBytes: ReadonlyMap<string, number>;
}

/**
 * What a change sends. Every record of a partition goes to each of its new replicas. The time is that of
 * the slowest receiver at its measured speed, or that of all records at the pace of the last change.
 */
export function ringMoves(input: RingMovesInput): PlannedMoves {
  const receivedBytes = new Map<string, number>();
  let [names, recordBytes, inlineBytes, records] = [0, 0, 0, 0];
  const rings = ringNames.map((ring) => {
    const difference = diffRing(input.before[ring], input.after[ring]);
    let sent = 0;
    for (const [partition, load] of input.loads.partitions[ring]) {
      const copies = difference.copies[partition] ?? 0;
      names += copies * load.records;
      recordBytes += copies * load.bytes;
      inlineBytes += copies * load.inlineBytes;
      sent += copies * (load.bytes + load.inlineBytes);
      records += load.records;
    }
    input.after[ring].nodes.forEach(({ id }, index) => {
      const part = difference.replicas === 0 ? 0 : (difference.received[index] as number) / difference.replicas;
      receivedBytes.set(id, (receivedBytes.get(id) ?? 0) + sent * part);
    });
    return {
      ring,
      partitions: difference.partitions,
      replicas: difference.replicas,
      replicasInAll: input.after[ring].assignment.length,
      moving: Buffer.from(difference.moving).toString('base64'),
    };
  });
  const slowest = Math.max(0, ...[...receivedBytes].map(([id, bytes]) => bytes / Math.max(1, input.writeBytesPerSecond(id))));
  return {
    moves: {
      rings,
      names: Math.round(names),
      recordBytes: Math.round(recordBytes),
      inlineBytes: Math.round(inlineBytes),
      notCounted: [...input.loads.notCounted],
      estimatedSeconds: Math.max(slowest, records * (input.secondsPerRecord ?? 0)),
    },
    receivedBytes,
  };
}
