import { utf8Text } from '../../base/bytes.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { decodeRecordState } from '../../register/record.ts';
import type { RowPosition } from '../../register/register-store.ts';
import type { FaultLog } from './fault-log.ts';
import type { HealingDeps } from './healing-deps.ts';

const rowsPerPage = 200;

/**
 * Finishes deletes of buckets that this node holds the records of, if they were under way already in the
 * walk before (`seen`, by the ids of the deletes): whoever began them may be gone. Several may do it at once.
 * Answers the deletes that are under way now. A row that throws is told to `faults` and passed over.
 */
export async function finishDeletes(
  deps: HealingDeps,
  faults: FaultLog,
  seen: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const underWay = new Set<string>();
  let after: RowPosition | undefined;
  while (!signal.aborted) {
    const range = { ring: 'container', fromHash: 0, toHash: 0xffff_ffff, limit: rowsPerPage } as const;
    const rows = deps.registers.walk({ ...range, ...(after ? { after } : {}) });
    for (const { key, head } of rows) {
      try {
        const { state } = decodeRecordState(head);
        const bucket = state === null ? null : (JSON.parse(utf8Text(state)) as BucketRecord);
        if (bucket?.state !== 'deleting' || bucket.deletionId === undefined) continue;
        if (seen.has(bucket.deletionId)) await deps.names.buckets.find(bucket.name);
        else underWay.add(bucket.deletionId);
      } catch (error) {
        faults.tell('bucket', utf8Text(key.key), error);
      }
    }
    after = rows.at(-1)?.key;
    if (rows.length < rowsPerPage) break;
  }
  return underWay;
}
