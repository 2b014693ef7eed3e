import type { Scheduler } from '../scheduler.ts';
import type { ObjectDaemon } from './object-daemon.ts';
import type { ObjectWorkRecord } from './object-workload.ts';

const patienceMs = 60_000;

/** Sets the quotas of a scenario, and looks at the end whether they were kept. */
export class QuotaWatch {
  readonly #bucketNames: readonly string[];
  readonly #quotaBytes: number | undefined;
  readonly #scheduler: Scheduler;

  constructor(bucketNames: readonly string[], quotaBytes: number | undefined, scheduler: Scheduler) {
    this.#bucketNames = bucketNames;
    this.#quotaBytes = quotaBytes;
    this.#scheduler = scheduler;
  }

  /** In peace, before anybody works. */
  async set(daemon: ObjectDaemon): Promise<void> {
    const quotaBytes = this.#quotaBytes;
    if (quotaBytes === undefined) return;
    await this.#each(async (name) => {
      const set = await daemon.names.buckets.setQuota(name, quotaBytes);
      if (!set.ok) throw new Error(`the quota of ${name} could not be set in peace: ${set.failure.message}`);
    });
  }

  /**
   * In peace again: no bucket holds more than its quota, and its objects have all taken their room. A write whose
   * end nobody was told may have been with a minority of replicas, and seen by none, when what is there was counted.
   */
  async look(daemon: ObjectDaemon | null, record: Pick<ObjectWorkRecord, 'unsure' | 'quotaSetAt'>): Promise<string[]> {
    const quotaBytes = this.#quotaBytes;
    const found: string[] = [];
    if (quotaBytes === undefined || daemon === null) return found;
    await this.#each(async (name) => {
      const bucket = await daemon.names.buckets.resolve(name);
      if (!bucket.ok) return;
      const page = await daemon.names.objects.list(bucket.value, { prefix: '', limit: 1000 });
      const used = await daemon.names.usage.usedBytes('bucket', bucket.value.id);
      if (!page.ok || !used.ok) return void found.push(`the content of ${name} could not be counted in peace`);
      const unsureBytes = record.unsure.reduce((sum, { bytes, calledAt }) => sum + (calledAt < record.quotaSetAt ? bytes : 0), 0);
      const bytes = page.value.rows.reduce((sum, row) => sum + row.record.size, 0) - unsureBytes;
      if (bytes > quotaBytes) found.push(`quota: ${name} surely holds ${bytes} bytes of ${quotaBytes}`);
      if (bytes > used.value) found.push(`quota: ${name} surely holds ${bytes} bytes, but only ${used.value} are taken`);
    });
    return found;
  }

  async #each(work: (bucketName: string) => Promise<void>): Promise<void> {
    let left = this.#bucketNames.length;
    let trouble: unknown;
    for (const name of this.#bucketNames)
      work(name).then(
        () => (left -= 1),
        (error: unknown) => (trouble = error),
      );
    await this.#scheduler.runUntil(() => left === 0 || trouble !== undefined, this.#scheduler.nowMs + patienceMs);
    if (trouble !== undefined) throw trouble;
    if (left > 0) throw new Error('the quotas did not come to an end in peace');
  }
}
