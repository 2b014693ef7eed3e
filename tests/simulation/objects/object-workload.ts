import { failed, success, type Outcome } from '../../../backend/base/outcome.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { BucketRecord } from '../../../backend/contracts/names.ts';
import { concatBytes } from '../../../backend/base/bytes.ts';
import { count, type Counts } from '../counts.ts';
import type { HistoryEntry } from '../linearizability.ts';
import type { Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { Trace } from '../trace.ts';
import { bodyOf, contentOf, etagOf, partEtagOf, valueOfContent, type Values } from './object-content.ts';
import type { ObjectDaemon, ObjectDaemons } from './object-daemon.ts';
import type { KeyState, ObjectOperation } from './object-model.ts';

export const objectWorkKinds = [
  'put',
  'put-if-absent',
  'put-if-match',
  'get',
  'head',
  'remove',
  'copy',
  'multipart',
  'list',
  'create-bucket',
  'remove-bucket',
  'set-quota',
] as const;
export type ObjectWorkKind = (typeof objectWorkKinds)[number];

export interface ObjectWorkRecord {
  acknowledged: number;
  unknown: number;
  refused: number;
  /** Asked for, by kind. */
  readonly operations: Counts;
  /** By `bucket/key`. */
  readonly histories: ReadonlyMap<string, HistoryEntry<ObjectOperation>[]>;
  /** Answers "no such bucket", judged at the end. */
  readonly missing: { readonly bucketName: string; readonly calledAt: number; readonly answeredAt: number }[];
  /** Every try to remove a bucket. */
  readonly removals: { readonly bucketName: string; readonly calledAt: number; readonly answeredAt: number }[];
  /** Names of buckets that were made or removed without anybody being told the end: their owner's list may be half done. */
  readonly unsureBuckets: Set<string>;
  /** Every write whose end nobody was told. */
  readonly unsure: { readonly bytes: number; readonly calledAt: number }[];
  /** When a quota was set last, or may have been; 0: never since the beginning. */
  quotaSetAt: number;
  readonly violations: string[];
}

export interface ObjectWorkDeps {
  readonly daemons: ObjectDaemons;
  readonly nodeIds: readonly string[];
  readonly bucketNames: readonly string[];
  readonly keys: readonly string[];
  readonly owner: { readonly id: string; readonly name: string };
  readonly mix: Readonly<Partial<Record<ObjectWorkKind, number>>>;
  /** Of each bucket; undefined: none. */
  readonly quotaBytes: number | undefined;
  readonly thinkMs: number;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly record: ObjectWorkRecord;
  readonly values: Values;
  readonly stamp: () => number;
}

/** What became of a call: an answer, a clean refusal, or nobody knows. */
type Told<T> =
  { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly code: string } | { readonly kind: 'unknown' };

/** Answers after which the operation may still have taken effect, or take effect later. */
const unknownCodes = new Set(['OutcomeUnknown', 'Unreachable', 'Timeout']);

/** One client: one operation after another through whichever node serves. Knows the ETags it has seen. */
export class ObjectClient {
  readonly #deps: ObjectWorkDeps;
  readonly #seen = new Map<string, KeyState>();

  constructor(deps: ObjectWorkDeps) {
    this.#deps = deps;
  }

  async run(budget: { left: number }): Promise<void> {
    const { random, nodeIds, daemons, thinkMs } = this.#deps;
    while (budget.left > 0) {
      await this.#pause(thinkMs * 2 * random.fraction());
      const daemon = daemons.of(random.pick(nodeIds));
      if (daemon === null) continue;
      budget.left -= 1;
      const bucketName = random.pick(this.#deps.bucketNames);
      const kind = this.#pickKind();
      count(this.#deps.record.operations, kind);
      await this.#act(kind, daemon, bucketName, random.pick(this.#deps.keys));
    }
  }

  async #act(kind: ObjectWorkKind, daemon: ObjectDaemon, bucketName: string, key: string): Promise<void> {
    switch (kind) {
      case 'put':
        return this.#put(daemon, bucketName, key, { kind: 'put', value: this.#deps.values.next() });
      case 'put-if-absent':
        return this.#put(daemon, bucketName, key, { kind: 'put-if-absent', value: this.#deps.values.next() });
      case 'put-if-match': {
        const expected = this.#seen.get(`${bucketName}/${key}`);
        if (expected === undefined) return void (await this.#get(daemon, bucketName, key));
        return this.#put(daemon, bucketName, key, { kind: 'put-if-match', expected, value: this.#deps.values.next() });
      }
      case 'get':
        return void (await this.#get(daemon, bucketName, key));
      case 'head':
        return this.#head(daemon, bucketName, key);
      case 'remove':
        return this.#write(daemon, bucketName, key, { kind: 'remove' }, (bucket) => daemon.objects.remove(bucket, key));
      case 'copy':
        return this.#copy(daemon, bucketName, key);
      case 'multipart':
        return this.#multipart(daemon, bucketName, key);
      case 'list':
        return this.#list(daemon, bucketName);
      case 'create-bucket':
        return this.createBucket(daemon, bucketName);
      case 'remove-bucket':
        return this.#removeBucket(daemon, bucketName);
      case 'set-quota':
        return this.#setQuota(daemon, bucketName);
    }
  }

  /** Everything that `get` shows, for the last look in peace; false when it could not be read. */
  readForSure(daemon: ObjectDaemon, bucketName: string, key: string): Promise<boolean> {
    return this.#get(daemon, bucketName, key);
  }

  #put(
    daemon: ObjectDaemon,
    bucketName: string,
    key: string,
    operation: ObjectOperation & { kind: 'put' | 'put-if-absent' | 'put-if-match' },
  ): Promise<void> {
    const { value } = operation;
    return this.#write(daemon, bucketName, key, operation, (bucket) =>
      daemon.objects.put({
        bucket,
        key,
        body: bodyOf(value),
        expected: { length: contentOf(value).length },
        metadata: { headers: {}, user: {} },
        ...(operation.kind === 'put-if-absent' ? { condition: { kind: 'absent' } } : {}),
        ...(operation.kind === 'put-if-match'
          ? { condition: { kind: 'etag', etags: [etagOf(operation.expected), partEtagOf(operation.expected)] } }
          : {}),
      }),
    );
  }

  /** Copies what was seen at the source, on condition that it is still that: so the value is known whatever the outcome. */
  #copy(daemon: ObjectDaemon, bucketName: string, key: string): Promise<void> {
    const source = this.#deps.random.pick(this.#deps.keys);
    const value = this.#seen.get(`${bucketName}/${source}`);
    if (value === undefined) return this.#head(daemon, bucketName, source);
    return this.#write(daemon, bucketName, key, { kind: 'put', value }, (bucket) =>
      daemon.objects.copy({
        source: { bucket, key: source },
        target: { bucket, key },
        select: (record) =>
          this.#deps.values.ofEtag(record.etag) === value
            ? success(undefined)
            : failed(failure('PreconditionFailed', 'The source has changed.')),
      }),
    );
  }

  async #multipart(daemon: ObjectDaemon, bucketName: string, key: string): Promise<void> {
    const { daemons, nodeIds, random } = this.#deps;
    const value = this.#deps.values.next();
    const started = await this.#told(daemon, async () => {
      const bucket = await daemon.names.buckets.resolve(bucketName);
      if (!bucket.ok) return bucket;
      const upload = await daemon.objects.createUpload(bucket.value, key, { headers: {}, user: {} });
      return upload.ok ? success({ bucket: bucket.value, uploadId: upload.value.uploadId }) : upload;
    });
    if (started.kind !== 'ok') return void (this.#deps.record.refused += 1);
    const { bucket, uploadId } = started.value;
    const second = daemons.of(random.pick(nodeIds)) ?? daemon;
    const part = await this.#told(second, () =>
      second.objects.putPart({ bucket, key, uploadId, partNumber: 1, body: bodyOf(value), expected: { length: contentOf(value).length } }),
    );
    if (part.kind !== 'ok') return void (this.#deps.record.refused += 1);
    if (random.chance(0.2)) {
      const third = daemons.of(random.pick(nodeIds)) ?? second;
      await this.#told(third, () => third.objects.abortUpload(bucket, { key, uploadId }));
      if (!random.chance(0.5)) return;
    }
    // Completing may be tried at several nodes, one after another or at once: it takes effect at most once.
    const calledAt = this.#deps.stamp();
    const tries = random.chance(0.3) ? 2 : 1;
    const answers = await Promise.all(
      Array.from({ length: tries }, () => {
        const gateway = daemons.of(random.pick(nodeIds)) ?? second;
        return this.#told(gateway, () =>
          gateway.objects.completeUpload(bucket, { key, uploadId }, [{ partNumber: 1, etag: part.value.etag }]),
        );
      }),
    );
    const operation: ObjectOperation = { kind: 'put', value };
    const label = `complete ${value} (${answers.map(({ kind }) => kind).join(', ')})`;
    if (answers.some(({ kind }) => kind === 'ok')) {
      this.#note(bucketName, key, operation, calledAt, this.#deps.stamp(), label);
      this.#deps.record.acknowledged += 1;
    } else if (answers.some(({ kind }) => kind === 'unknown')) {
      // Begun once, it may be finished by anybody, whatever this caller was told.
      this.#note(bucketName, key, operation, calledAt, Infinity, label);
      this.#deps.record.unknown += 1;
      this.#deps.record.unsure.push({ bytes: contentOf(value).length, calledAt });
    } else {
      this.#deps.record.refused += 1;
      this.#deps.trace.add(`${calledAt} ${this.#deps.stamp()} ${bucketName}/${key} ${label}`);
    }
  }

  async #write(
    daemon: ObjectDaemon,
    bucketName: string,
    key: string,
    operation: ObjectOperation,
    work: (bucket: BucketRecord) => Promise<Outcome<unknown>>,
  ): Promise<void> {
    const calledAt = this.#deps.stamp();
    const told = await this.#told(daemon, async () => {
      const bucket = await daemon.names.buckets.resolve(bucketName);
      return bucket.ok ? work(bucket.value) : bucket;
    });
    const answeredAt = this.#deps.stamp();
    const label = `${operation.kind}${'value' in operation ? ` ${operation.value}` : ''}`;
    if (told.kind === 'ok') {
      if ('value' in operation) this.#seen.set(`${bucketName}/${key}`, operation.value);
      this.#note(bucketName, key, operation, calledAt, answeredAt, label);
      this.#deps.record.acknowledged += 1;
    } else if (told.kind === 'unknown') {
      this.#note(bucketName, key, operation, calledAt, Infinity, `${label}: unknown`);
      this.#deps.record.unknown += 1;
      if ('value' in operation) this.#deps.record.unsure.push({ bytes: contentOf(operation.value).length, calledAt });
    } else this.#refused(operation, told.code, bucketName, key, calledAt, answeredAt);
  }

  #refused(operation: ObjectOperation, code: string, bucketName: string, key: string, calledAt: number, answeredAt: number): void {
    this.#deps.record.refused += 1;
    this.#deps.trace.add(
      `${calledAt} ${answeredAt} ${operation.kind} ${'value' in operation ? operation.value : ''} ${bucketName}/${key}: ${code}`,
    );
    if (code === 'NoSuchBucket') this.#noteMissingBucket(bucketName, calledAt, answeredAt);
    else if (operation.kind === 'put-if-absent' && code === 'PreconditionFailed')
      this.#note(bucketName, key, { kind: 'refused-if-absent' }, calledAt, answeredAt, 'refused: it exists');
    else if (operation.kind === 'put-if-match' && (code === 'PreconditionFailed' || code === 'NoSuchKey'))
      this.#note(bucketName, key, { kind: 'refused-if-match', expected: operation.expected }, calledAt, answeredAt, 'refused: another');
  }

  /** Whether the right bytes came, or the word that there are none. */
  async #get(daemon: ObjectDaemon, bucketName: string, key: string): Promise<boolean> {
    const calledAt = this.#deps.stamp();
    const told = await this.#told(daemon, async () => {
      const bucket = await daemon.names.buckets.resolve(bucketName);
      if (!bucket.ok) return bucket;
      const opened = await daemon.objects.get(bucket.value, key, (record) => success({ start: 0, end: record.size }));
      if (!opened.ok) return opened;
      const chunks: Uint8Array[] = [];
      try {
        for await (const chunk of opened.value.content) chunks.push(chunk.slice());
      } catch (error) {
        // The connection was cut: the client knows that it has not got the object.
        return failed(failure('Unreachable', String(error)));
      }
      return success({ bytes: concatBytes(chunks), etag: opened.value.record.etag });
    });
    const answeredAt = this.#deps.stamp();
    if (told.kind === 'unknown') {
      this.#deps.trace.add(`${answeredAt} get ${bucketName}/${key}: no answer`);
      return false;
    }
    if (told.kind === 'refused') {
      this.#notFound(told.code, bucketName, key, calledAt, answeredAt);
      return told.code === 'NoSuchKey' || told.code === 'NoSuchBucket';
    }
    const value = valueOfContent(told.value.bytes);
    if (value === undefined || ![etagOf(value), partEtagOf(value)].includes(told.value.etag)) {
      this.#deps.record.violations.push(`invariant 11: ${bucketName}/${key} was served with wrong bytes (${told.value.bytes.length})`);
      return false;
    }
    this.#found(bucketName, key, value, calledAt, answeredAt, 'get');
    return true;
  }

  async #head(daemon: ObjectDaemon, bucketName: string, key: string): Promise<void> {
    const calledAt = this.#deps.stamp();
    const told = await this.#told(daemon, async () => {
      const bucket = await daemon.names.buckets.resolve(bucketName);
      return bucket.ok ? daemon.objects.head(bucket.value, key) : bucket;
    });
    const answeredAt = this.#deps.stamp();
    if (told.kind === 'ok') this.#found(bucketName, key, this.#deps.values.ofEtag(told.value.etag), calledAt, answeredAt, 'head');
    else if (told.kind === 'refused') this.#notFound(told.code, bucketName, key, calledAt, answeredAt);
  }

  #found(bucketName: string, key: string, value: KeyState, calledAt: number, answeredAt: number, how: string): void {
    this.#seen.set(`${bucketName}/${key}`, value);
    this.#note(bucketName, key, { kind: 'found', value }, calledAt, answeredAt, `${how}: ${value}`);
    this.#deps.record.acknowledged += 1;
  }

  #notFound(code: string, bucketName: string, key: string, calledAt: number, answeredAt: number): void {
    if (code === 'NoSuchBucket') {
      this.#deps.record.refused += 1;
      this.#noteMissingBucket(bucketName, calledAt, answeredAt);
    } else if (code === 'NoSuchKey') {
      this.#note(bucketName, key, { kind: 'found', value: 'empty' }, calledAt, answeredAt, 'not there');
      this.#deps.record.acknowledged += 1;
    } else this.#deps.trace.add(`${answeredAt} ${bucketName}/${key}: ${code}`);
  }

  /** All keys of a bucket, page by page: every key that a page covers is said to be there, or not to be. */
  async #list(daemon: ObjectDaemon, bucketName: string): Promise<void> {
    const limit = 1 + this.#deps.random.below(4);
    let after: string | undefined;
    for (;;) {
      const calledAt = this.#deps.stamp();
      const told = await this.#told(daemon, async () => {
        const bucket = await daemon.names.buckets.resolve(bucketName);
        return bucket.ok ? daemon.objects.list(bucket.value, { prefix: '', limit, ...(after === undefined ? {} : { after }) }) : bucket;
      });
      const answeredAt = this.#deps.stamp();
      if (told.kind === 'refused' && told.code === 'NoSuchBucket') return this.#noteMissingBucket(bucketName, calledAt, answeredAt);
      if (told.kind !== 'ok') return;
      const shown = new Map<string, KeyState>();
      for (const entry of told.value.entries)
        if (entry.kind === 'object') shown.set(entry.key, this.#deps.values.ofEtag(entry.record.etag));
      const last = [...shown.keys()].at(-1);
      const from = after;
      const covered = this.#deps.keys.filter(
        (key) => (from === undefined || key > from) && (!told.value.more || (last !== undefined && key <= last)),
      );
      for (const key of covered)
        this.#note(
          bucketName,
          key,
          { kind: 'found', value: shown.get(key) ?? 'empty' },
          calledAt,
          answeredAt,
          `list: ${shown.get(key) ?? 'not there'}`,
        );
      this.#deps.record.acknowledged += 1;
      if (!told.value.more || last === undefined) return;
      after = last;
    }
  }

  /** To what it is: then what is there is counted again. */
  async #setQuota(daemon: ObjectDaemon, bucketName: string): Promise<void> {
    const told = await this.#told(daemon, () => daemon.names.buckets.setQuota(bucketName, this.#deps.quotaBytes ?? null));
    this.#deps.record.quotaSetAt = this.#deps.stamp();
    this.#deps.trace.add(`${this.#deps.record.quotaSetAt} quota of ${bucketName}: ${told.kind}`);
    if (told.kind === 'ok') this.#deps.record.acknowledged += 1;
    else if (told.kind === 'unknown') this.#deps.record.unknown += 1;
    else this.#deps.record.refused += 1;
  }

  async createBucket(daemon: ObjectDaemon, bucketName: string): Promise<void> {
    const calledAt = this.#deps.stamp();
    const told = await this.#told(daemon, () => daemon.names.buckets.create(this.#deps.owner, bucketName));
    const answeredAt = this.#deps.stamp();
    this.#deps.trace.add(`${calledAt} ${answeredAt} create ${bucketName}: ${told.kind === 'refused' ? told.code : told.kind}`);
    if (told.kind === 'ok') {
      this.#noteBucket(bucketName, { kind: 'create-bucket' }, calledAt, answeredAt, 'bucket created');
      this.#deps.record.acknowledged += 1;
    } else if (told.kind === 'unknown') {
      this.#noteBucket(bucketName, { kind: 'create-bucket' }, calledAt, Infinity, 'bucket created: unknown');
      this.#deps.record.unknown += 1;
      this.#deps.record.unsureBuckets.add(bucketName);
    } else this.#deps.record.refused += 1;
  }

  async #removeBucket(daemon: ObjectDaemon, bucketName: string): Promise<void> {
    const calledAt = this.#deps.stamp();
    const told = await this.#told(daemon, () => daemon.names.buckets.remove(bucketName));
    const answeredAt = this.#deps.stamp();
    this.#deps.trace.add(`${calledAt} ${answeredAt} remove ${bucketName}: ${told.kind === 'refused' ? told.code : told.kind}`);
    // Refused, it has no effect after that, whoever finishes what.
    this.#deps.record.removals.push({ bucketName, calledAt, answeredAt: told.kind === 'unknown' ? Infinity : answeredAt });
    if (told.kind === 'ok') {
      this.#noteBucket(bucketName, { kind: 'remove-bucket' }, calledAt, answeredAt, 'bucket removed');
      this.#deps.record.acknowledged += 1;
    } else if (told.kind === 'unknown') {
      this.#noteBucket(bucketName, { kind: 'remove-bucket' }, calledAt, Infinity, 'bucket removed: unknown');
      this.#deps.record.unknown += 1;
      this.#deps.record.unsureBuckets.add(bucketName);
    } else this.#deps.record.refused += 1;
  }

  /** Judged when all histories are complete. */
  #noteMissingBucket(bucketName: string, calledAt: number, answeredAt: number): void {
    this.#deps.record.missing.push({ bucketName, calledAt, answeredAt });
  }

  #noteBucket(bucketName: string, operation: ObjectOperation, calledAt: number, answeredAt: number, label: string): void {
    for (const key of this.#deps.keys) this.#note(bucketName, key, operation, calledAt, answeredAt, label);
  }

  #note(bucketName: string, key: string, operation: ObjectOperation, calledAt: number, answeredAt: number, label: string): void {
    this.#deps.record.histories.get(`${bucketName}/${key}`)?.push({ operation, calledAt, answeredAt, label });
    this.#deps.trace.add(`${calledAt} ${answeredAt} ${bucketName}/${key} ${label}`);
  }

  /** The answer; nobody knows when the node died first, or when it says so. */
  async #told<T>(daemon: ObjectDaemon, work: () => Promise<Outcome<T>>): Promise<Told<T>> {
    const killed = new Promise<'killed'>((resolve) => daemon.life.onKill(() => resolve('killed')));
    const answer = await Promise.race([work(), killed]);
    if (answer === 'killed') return { kind: 'unknown' };
    if (answer.ok) return { kind: 'ok', value: answer.value };
    return unknownCodes.has(answer.failure.code) ? { kind: 'unknown' } : { kind: 'refused', code: answer.failure.code };
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#deps.scheduler.after(delayMs, resolve));
  }

  #pickKind(): ObjectWorkKind {
    const entries = objectWorkKinds.map((kind) => [kind, this.#deps.mix[kind] ?? 0] as const);
    let at = this.#deps.random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [kind, weight] of entries) {
      at -= weight;
      if (at < 0) return kind;
    }
    return 'get';
  }
}
