import type { Scheduler } from '../scheduler.ts';
import type { ObjectDaemon } from './object-daemon.ts';
import type { ObjectWorkRecord } from './object-workload.ts';

const patienceMs = 30_000;

/** In peace the owner's list has exactly the buckets that are there. */
export async function lookAtOwnerList(
  daemon: ObjectDaemon | null,
  record: Pick<ObjectWorkRecord, 'unsureBuckets'>,
  bucketNames: readonly string[],
  owner: { readonly name: string },
  scheduler: Scheduler,
): Promise<string[]> {
  const found: string[] = [];
  const look = async (): Promise<void> => {
    const listed = await daemon?.names.buckets.listOf(owner.name);
    if (daemon === null || listed?.ok !== true) return void found.push("the owner's list of buckets could not be read in peace");
    for (const name of bucketNames.filter((one) => !record.unsureBuckets.has(one))) {
      const bucket = await daemon.names.buckets.find(name);
      if (!bucket.ok) return void found.push(`${name} could not be read in peace`);
      const entries = listed.value.filter((item) => item.name === name).map(({ createdAtMs }) => createdAtMs);
      const isRight = bucket.value === null ? entries.length === 0 : entries.length === 1 && entries[0] === bucket.value.createdAtMs;
      if (!isRight) found.push(`${name} is ${bucket.value === null ? 'gone' : 'there'}, and ${entries.length} times in its owner's list`);
    }
  };
  let done = false;
  void look().finally(() => (done = true));
  if (!(await scheduler.runUntil(() => done, scheduler.nowMs + patienceMs)))
    found.push("the look at the owner's list did not come to an end");
  return found;
}
