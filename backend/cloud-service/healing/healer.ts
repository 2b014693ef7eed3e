import { maxTouchedBlobs, type BlobDetails } from '../../base/blob-store.ts';
import { sleep } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { HealerStatus } from '../../contracts/healing.ts';
import { unhealedOf } from '../../contracts/unhealed.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import { isBeingDrained } from '../admin-cloud-controller/cluster-map.ts';
import { BlobRemover } from '../objects/blob-remover.ts';
import { touchOnce } from '../objects/touch-blobs.ts';
import { Absences } from './absences.ts';
import { ByteBudget } from './byte-budget.ts';
import { clearGoneRow } from './clear-gone-bucket.ts';
import { clearPart, clearUpload, resumeUpload } from './clear-uploads.ts';
import type { MissingCopies } from './copy-states.ts';
import { FaultLog } from './fault-log.ts';
import { finishDeletes } from './finish-deletes.ts';
import { healRecord, namedBlobs, worksOf, type BlobHolder, type HealContext, type HealedRecord } from './heal-record.ts';
import type { HealingDeps, ObjectPartitions } from './healing-deps.ts';
import { mendCopy } from './mend-copy.ts';
import { Pace } from './pace.ts';
import { Sightings } from './sightings.ts';
import { rowName, walkPartition, type WalkedRow } from './walk-names.ts';

const idle: HealerStatus = {
  state: 'idle',
  partitions: 0,
  partitionsDone: 0,
  names: 0,
  copiesMissing: 0,
  copiesRestored: 0,
  bytesRestored: 0,
  copiesFailed: 0,
  unreadable: 0,
  bytesPerSecond: 0,
  secondsLeft: null,
  lastEndedAtMs: null,
};
/** What is told of a walk while the next one may not have come to the same names yet. */
function leftBy(status: HealerStatus): NonNullable<HealerStatus['lastWalk']> {
  const { copiesFailed, unreadable, passedOver } = unhealedOf(status);
  return { copiesFailed, unreadable, ...(passedOver.length === 0 ? {} : { passedOver: [...passedOver] }) };
}

/** Of uploads, and of parts; what is beyond goes by the times in its records. */
const mostSightings = 10_000;

/** Between two pages of names, so that users come first. */
const pauseMs = 2;

/** Which copies are asked for at their nodes in a walk: those on these nodes, or all. */
export type Verified = ReadonlySet<string> | 'all';

interface Walk {
  readonly context: HealContext;
  readonly verified: Verified;
  readonly pace: Pace;
  /** Nodes that could not be asked. */
  readonly silent: Set<string>;
}

/** A row whose copies are to be made again. */
interface Needy {
  readonly row: WalkedRow;
  readonly bucket: BucketRecord;
  readonly holder: BlobHolder;
}

/**
 * Walks the names of the partitions that this node leads, and restores what their bytes lack.
 *
 * Invariants: one walk at a time; memory holds one page of names; at most `copiesAtOnce` records are
 * being healed; what throws at one row keeps it from none behind it; of the names of a bucket it changes
 * nothing but which nodes a record names for the blobs that it had, and finishes uploads that somebody began
 * to complete.
 */
export class Healer implements Disposable {
  readonly absences: Absences;
  readonly #deps: HealingDeps;
  readonly #budget: ByteBudget;
  readonly #remover: BlobRemover;
  readonly #faults: FaultLog;
  readonly #uploadsSeen: Sightings;
  readonly #partsSeen: Sightings;
  #status: HealerStatus = idle;
  #pace: Pace | undefined;
  /** Deletes of buckets that were under way in the last walk. */
  #deletes: ReadonlySet<string> = new Set();
  #totals = { copiesRestored: 0, bytesRestored: 0 };

  constructor(deps: HealingDeps) {
    this.#deps = deps;
    this.absences = new Absences(deps.clock, deps.cluster);
    this.#remover = new BlobRemover(deps);
    this.#faults = new FaultLog(deps.logger);
    this.#uploadsSeen = new Sightings(deps.clock, mostSightings);
    this.#partsSeen = new Sightings(deps.clock, mostSightings);
    this.#budget = new ByteBudget(deps.clock, () => deps.settings.healBytesPerSecond);
  }

  /** What it would still remove later is left to the sweep. */
  dispose(): void {
    this.#remover.dispose();
  }

  get status(): HealerStatus {
    const { passedOver } = this.#faults;
    const status: HealerStatus = passedOver.length === 0 ? this.#status : { ...this.#status, passedOver: [...passedOver] };
    if (status.state === 'idle' || this.#pace === undefined) return status;
    const { partitions, partitionsDone, bytesRestored } = status;
    return {
      ...status,
      bytesPerSecond: this.#pace.perSecond(bytesRestored),
      secondsLeft: this.#pace.secondsLeft(partitions === 0 ? 1 : partitionsDone / partitions),
    };
  }

  get totals(): { readonly copiesRestored: number; readonly bytesRestored: number } {
    return this.#totals;
  }

  /** Whoever comes first of those replicas that are there, or have been away only for a short while. */
  leads(replicas: readonly string[]): boolean {
    const first = replicas.find((id) => this.absences.awayMs(id) < this.#deps.settings.takeOverAfterMs);
    return first === this.#deps.cluster.selfId;
  }

  /** A new walk is needed when this changes: who counts as gone, who is leaving, whose work is taken over. Empty: all is well. */
  situation(): string {
    const { cluster, settings } = this.#deps;
    const troubles: string[] = [];
    for (const node of cluster.nodes()) {
      const awayMs = this.absences.awayMs(node.id);
      if (awayMs >= settings.takeOverAfterMs) troubles.push(`${node.id} is away`);
      if (awayMs >= settings.downAfterMs) troubles.push(`${node.id} is gone`);
      if (isBeingDrained(node)) troubles.push(`${node.id} is leaving`);
    }
    return troubles.join();
  }

  /** Walks once. Answers the nodes that could not be asked for their copies. */
  async pass(verified: Verified, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const partitions = this.#deps.partitions();
    if (partitions === null) return new Set();
    this.absences.look();
    const led: number[] = [];
    for (let partition = 0; partition < partitions.count; partition++) if (this.leads(partitions.replicas(partition))) led.push(partition);
    const pace = new Pace(this.#deps.clock);
    this.#pace = pace;
    const { lastEndedAtMs } = this.#status;
    const lastWalk = lastEndedAtMs === null ? {} : { lastWalk: leftBy(this.status) };
    this.#status = { ...idle, state: 'running', partitions: led.length, lastEndedAtMs, ...lastWalk };
    const context: HealContext = { deps: this.#deps, absences: this.absences, budget: this.#budget, signal };
    const walk: Walk = { context, verified, pace, silent: new Set() };
    this.#faults.begin();
    try {
      this.#deletes = await finishDeletes(this.#deps, this.#faults, this.#deletes, signal);
      for (const partition of led) {
        if (signal.aborted) break;
        await this.#partition(walk, partitions, partition).catch((error: unknown) => this.#fault('partition', String(partition), error));
        if (!signal.aborted) this.#count({ partitionsDone: 1 });
      }
    } finally {
      const { lastWalk: before, ...walked } = this.status;
      const isWhole = walked.partitionsDone === led.length;
      for (const seen of [this.#uploadsSeen, this.#partsSeen]) seen.endWalk(isWhole);
      const kept = isWhole || before === undefined ? {} : { lastWalk: before };
      this.#status = { ...walked, state: 'idle', secondsLeft: null, lastEndedAtMs: this.#deps.clock.nowMs(), ...kept };
    }
    return walk.silent;
  }

  /** Makes this node's copy again of a blob that has just gone into quarantine. Whether it is there now. */
  async mend(blob: BlobDetails, signal: AbortSignal): Promise<boolean> {
    this.absences.look();
    try {
      const healed = await mendCopy({ deps: this.#deps, absences: this.absences, budget: this.#budget, signal }, blob);
      if (healed === null) return false;
      this.#total(healed);
      return healed.restored > 0 && healed.failed === 0;
    } catch (error) {
      this.#faults.tell('blob', blob.id, error);
      return false;
    }
  }

  async #partition(walk: Walk, partitions: ObjectPartitions, partition: number): Promise<void> {
    const { signal } = walk.context;
    const pages = walkPartition(this.#deps.registers, partitions, partition, (key, error) => this.#fault('record', rowName(key), error));
    for (const page of pages) {
      if (signal.aborted) return;
      await this.#page(walk, page);
      this.#count({ names: page.length });
      await sleep(this.#deps.clock, pauseMs, signal);
    }
  }

  async #page(walk: Walk, page: readonly WalkedRow[]): Promise<void> {
    const { context } = walk;
    const missing = await this.#missingOf(walk, page);
    const buckets = new Map<string, BucketRecord | 'gone' | undefined>();
    const needy: Needy[] = [];
    for (const row of page) {
      const found = await this.#safely(row, () => this.#needyOf(walk, row, buckets, missing));
      if (found !== undefined) needy.push(found);
    }
    const { copiesAtOnce } = this.#deps.settings;
    for (let from = 0; from < needy.length && !context.signal.aborted; from += copiesAtOnce) {
      await Promise.all(
        needy
          .slice(from, from + copiesAtOnce)
          .map(({ row, bucket, holder }) => this.#safely(row, async () => this.#add(await healRecord(context, bucket, holder, missing)))),
      );
    }
  }

  /** Does what a row needs beside copies; answers it if there is work on its copies. */
  async #needyOf(
    walk: Walk,
    row: WalkedRow,
    buckets: Map<string, BucketRecord | 'gone' | undefined>,
    missing: MissingCopies,
  ): Promise<Needy | undefined> {
    const bucket = await this.#bucketOf(buckets, row.bucketId, row.bucketName);
    if (bucket === undefined) return undefined;
    if (bucket === 'gone') {
      await clearGoneRow(this.#deps, this.#remover, row);
      return undefined;
    }
    if (row.kind === 'inline') return undefined;
    if (row.kind === 'upload') {
      if (row.record.state === 'completing') await resumeUpload(this.#deps, this.#remover, this.#uploadsSeen, bucket, row.record);
      else await clearUpload(this.#deps, this.#uploadsSeen, bucket, row.record);
      return undefined;
    }
    const { holder } = row;
    if (holder.kind === 'part' && (await clearPart(this.#deps, this.#partsSeen, bucket, holder))) return undefined;
    return this.#needsHelp(walk, bucket, holder, missing) ? { row, bucket, holder } : undefined;
  }

  /** What throws at one row counts as failed, and the walk goes on. */
  async #safely<T>(row: WalkedRow, task: () => Promise<T>): Promise<T | undefined> {
    try {
      return await task();
    } catch (error) {
      this.#fault('record', rowName(row.key, row.bucketName), error);
      return undefined;
    }
  }

  #fault(what: string, name: string, error: unknown): void {
    this.#count({ copiesFailed: 1 });
    this.#faults.tell(what, name, error);
  }

  #needsHelp(walk: Walk, bucket: BucketRecord, holder: BlobHolder, missing: MissingCopies): boolean {
    if (worksOf(walk.context, bucket, namedBlobs(holder), missing).length > 0) return true;
    // What a manifest lists is looked at whenever copies are verified or somebody is away or leaving.
    const isLong = holder.kind === 'object' && holder.record.content.kind === 'manifest';
    return isLong && (walk.verified === 'all' || walk.verified.size > 0 || this.situation() !== '');
  }

  /** Asks the nodes for the copies that this page names there. */
  async #missingOf(walk: Walk, page: readonly WalkedRow[]): Promise<MissingCopies> {
    const missing = new Set<string>();
    if (walk.verified !== 'all' && walk.verified.size === 0) return missing;
    const wanted = new Map<string, string[]>();
    for (const row of page) {
      if (row.kind !== 'holder') continue;
      for (const { id, nodes } of row.blobs) {
        for (const nodeId of nodes) {
          if (walk.verified !== 'all' && !walk.verified.has(nodeId)) continue;
          const ids = wanted.get(nodeId);
          if (ids) ids.push(id);
          else wanted.set(nodeId, [id]);
        }
      }
    }
    for (const [nodeId, ids] of wanted) {
      if (this.absences.awayMs(nodeId) > 0) walk.silent.add(nodeId);
      else for (const id of await this.#refusedBy(walk, nodeId, ids)) missing.add(`${nodeId}/${id}`);
    }
    return missing;
  }

  async #refusedBy(walk: Walk, nodeId: string, ids: readonly string[]): Promise<readonly string[]> {
    const refused: string[] = [];
    for (let from = 0; from < ids.length; from += maxTouchedBlobs) {
      const answer = await touchOnce(this.#deps, nodeId, ids.slice(from, from + maxTouchedBlobs));
      if (answer.ok) refused.push(...answer.value);
      else walk.silent.add(nodeId);
    }
    return refused;
  }

  /** The open bucket with this very id, or that it is gone for good (ids are used once); undefined when it cannot be read now. */
  async #bucketOf(
    known: Map<string, BucketRecord | 'gone' | undefined>,
    id: string,
    name: string,
  ): Promise<BucketRecord | 'gone' | undefined> {
    if (known.has(id) || name === '') return known.get(id);
    const { buckets } = this.#deps.names;
    const cached = await buckets.resolve(name);
    let bucket: BucketRecord | 'gone' | undefined = cached.ok && cached.value.id === id ? cached.value : undefined;
    if (bucket === undefined) {
      const found = await buckets.find(name);
      if (found.ok) bucket = found.value?.id === id ? found.value : 'gone';
    }
    known.set(id, bucket);
    return bucket;
  }

  #add(healed: HealedRecord): void {
    this.#count({
      copiesMissing: healed.missing,
      copiesRestored: healed.restored,
      bytesRestored: healed.restoredBytes,
      copiesFailed: healed.failed,
      unreadable: healed.unreadable,
    });
    this.#total(healed);
  }

  #total({ restored, restoredBytes }: HealedRecord): void {
    const { copiesRestored, bytesRestored } = this.#totals;
    this.#totals = { copiesRestored: copiesRestored + restored, bytesRestored: bytesRestored + restoredBytes };
  }

  #count(
    more: Partial<
      Record<'partitionsDone' | 'names' | 'copiesMissing' | 'copiesRestored' | 'bytesRestored' | 'copiesFailed' | 'unreadable', number>
    >,
  ): void {
    const status = { ...this.#status };
    for (const [name, amount] of Object.entries(more) as [keyof typeof more, number][]) status[name] += amount;
    this.#status = status;
  }
}
