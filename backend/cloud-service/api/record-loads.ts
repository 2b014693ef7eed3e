import { sleep, type Clock } from '../../base/clock.ts';
import type { RecordLoadsAnswer, RecordLoadsRequest } from '../../contracts/cluster-messages.ts';
import { mostLoads } from '../../contracts/cluster-messages.ts';
import type { RegisterStore, RowPosition } from '../../register/register-store.ts';
import { partitionOf } from '../../ring/lookup.ts';
import type { ActiveEpoch } from '../admin-cloud-controller/epoch-state.ts';

/** Rows read in one go; between two the event loop serves others. */
const rowsAtOnce = 500;

/**
 * Records and bytes of each partition that this node holds records of, from `fromPartition` on, at most
 * `mostLoads` partitions. Everything that a ring change carries over is counted: marks of deleted names too.
 */
export async function recordLoads(
  clock: Clock,
  store: Pick<RegisterStore, 'walk'>,
  active: Pick<ActiveEpoch, 'rings' | 'certificate'>,
  { ring, fromPartition }: RecordLoadsRequest,
): Promise<RecordLoadsAnswer> {
  const { partitionPower } = active.rings[ring];
  const { epoch } = active.certificate.proposal;
  const fromHash = (fromPartition * 2 ** (32 - partitionPower)) >>> 0;
  const loads: RecordLoadsAnswer['loads'] = [];
  let after: RowPosition | undefined;
  for (;;) {
    const rows = store.walk({ ring, fromHash, toHash: 0xffff_ffff, ...(after === undefined ? {} : { after }), limit: rowsAtOnce });
    for (const { key, head, inlineBytes } of rows) {
      const partition = partitionOf(key.hash, partitionPower);
      if (loads.at(-1)?.partition !== partition) {
        if (loads.length === mostLoads) return { epoch, partitionPower, loads, nextPartition: partition };
        loads.push({ partition, records: 0, bytes: 0, inlineBytes: 0 });
      }
      const load = loads.at(-1) as (typeof loads)[number];
      load.records += 1;
      load.bytes += key.key.length + head.length;
      load.inlineBytes += inlineBytes;
    }
    after = rows.at(-1)?.key;
    if (rows.length < rowsAtOnce) return { epoch, partitionPower, loads, nextPartition: null };
    await sleep(clock, 0);
  }
}
