import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { RegisterOperation } from '../../../simulation/linearizability.ts';
import type { SeededRandom } from '../../../simulation/seeded-random.ts';
import { patternBytes, sha256 } from '../s3.ts';
import { BucketRounds } from './bucket-rounds.ts';
import type { Endpoints, Sent } from './endpoints.ts';
import { History, type Source, type WrongHistories } from './history.ts';

const kib = 1024;
const partBytes = 5 * kib * kib;
const groupsPerAge = 6;
const keysPerGroup = 6;
/** After so many operations other keys are used: no history becomes too long to judge, and old objects wait for the end. */
const operationsPerAge = 1_500;
const pauseAfterErrorMs = 20;

/** All empty when nothing is wrong. */
export interface Wrong extends WrongHistories {
  /** Bytes that are not those that were written. */
  readonly bytes: readonly string[];
  readonly buckets: readonly string[];
  /** Answers that no fault explains. */
  readonly surprises: readonly string[];
}

export const nothingWrong: Wrong = { lost: [], stale: [], wrongListings: [], undecided: [], bytes: [], buckets: [], surprises: [] };

export interface MixedLoadOptions {
  readonly endpoints: Endpoints;
  readonly random: SeededRandom;
  readonly bucket: string;
  readonly lanes: number;
}

/**
 * Operations of every kind by several lanes on the same keys, each answer noted in a history.
 *
 * Invariant: every write that may have taken effect is in the history; one that was clearly refused is
 * not, so seeing its value later counts as wrong.
 */
export class MixedLoad {
  readonly rounds: BucketRounds;
  readonly #history = new History();
  readonly #wrongBytes: string[] = [];
  readonly #surprises: string[] = [];
  readonly #options: MixedLoadOptions;
  /** Digest of the content by its ETag. */
  readonly #contents = new Map<string, string>();
  /** The ETag that was seen last under a key, for conditional writes. */
  readonly #seen = new Map<string, string>();
  readonly #excused = new Set<number>();
  #seeds = 0;
  #starts = 0;
  #stopped = true;
  #lanes: Promise<void>[] = [];

  constructor(options: MixedLoadOptions) {
    this.#options = options;
    this.rounds = new BucketRounds(options.endpoints, options.random.fork('rounds'));
  }

  /** The disk of this node is about to fail: it may answer 500 before it ends. */
  excuse(node: number): void {
    this.#excused.add(node);
  }

  /** Starts, or goes on after `stop`. */
  start(): void {
    this.#stopped = false;
    const start = ++this.#starts;
    this.#lanes = Array.from({ length: this.#options.lanes }, (_, lane) => this.#run(this.#options.random.fork(`${start} ${lane}`)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#lanes);
  }

  /** What is wrong with all answers so far, and how many were looked at. */
  judge(): { readonly keys: number; readonly entries: number; readonly wrong: Wrong } {
    const { keys, entries, wrong } = this.#history.judge();
    return { keys, entries, wrong: { ...wrong, bytes: this.#wrongBytes, buckets: this.rounds.wrong, surprises: this.#surprises } };
  }

  /** Reads every key through every node, until each has answered; to be called when all faults are over. */
  async readAll(): Promise<void> {
    const { endpoints } = this.#options;
    const keys = [...this.#history.keys];
    const worker = async (node: number): Promise<void> => {
      for (const key of keys) {
        for (let attempt = 1; !(await this.#get(key, 'last-read', node)); attempt++) {
          if (attempt === 50) throw new Error(`${key} cannot be read through node ${node}`);
          await delay(200);
        }
      }
    };
    await Promise.all(Array.from({ length: endpoints.count }, (_, node) => worker(node)));
  }

  async #run(random: SeededRandom): Promise<void> {
    while (!this.#stopped) {
      const age = Math.floor(this.#options.endpoints.operations / operationsPerAge);
      const key = `${age}/${random.below(groupsPerAge)}/${random.below(keysPerGroup)}`;
      const isClear = await this.#act(random, key);
      if (!isClear) await delay(pauseAfterErrorMs);
    }
  }

  #act(random: SeededRandom, key: string): Promise<boolean> {
    const dice = random.below(1000);
    if (dice < 250) return this.#put(key, 8 + random.below(7_000));
    if (dice < 330) return this.#put(key, 16 * kib + random.below(200 * kib));
    if (dice < 410) return this.#create(key, 8 + random.below(20 * kib));
    if (dice < 500) return this.#overwrite(key, 8 + random.below(20 * kib));
    if (dice < 600) return this.#delete(key);
    if (dice < 630) return this.#multipart(key, random);
    if (dice < 870) return this.#get(key, 'read');
    if (dice < 910) return this.#head(key);
    if (dice < 994) return this.#list(key.slice(0, key.lastIndexOf('/') + 1));
    return this.rounds.run();
  }

  #body(size: number): { body: Uint8Array; etag: string } {
    const body = patternBytes(size, ++this.#seeds);
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    this.#contents.set(etag, sha256(body));
    return { body, etag };
  }

  async #put(key: string, size: number): Promise<boolean> {
    const { body, etag } = this.#body(size);
    const sent = await this.#options.endpoints.send('write', 'put', (client, options) =>
      client.send(new PutObjectCommand({ Bucket: this.#options.bucket, Key: key, Body: body }), options),
    );
    return this.#wrote(key, sent, { kind: 'write', value: etag });
  }

  async #create(key: string, size: number): Promise<boolean> {
    const { body, etag } = this.#body(size);
    const sent = await this.#options.endpoints.send('write', 'create', (client, options) =>
      client.send(new PutObjectCommand({ Bucket: this.#options.bucket, Key: key, Body: body, IfNoneMatch: '*' }), options),
    );
    return this.#wrote(key, sent, { kind: 'swap', expected: null, value: etag });
  }

  async #overwrite(key: string, size: number): Promise<boolean> {
    const expected = this.#seen.get(key);
    if (expected === undefined) return this.#get(key, 'read');
    const { body, etag } = this.#body(size);
    const sent = await this.#options.endpoints.send('write', 'overwrite', (client, options) =>
      client.send(new PutObjectCommand({ Bucket: this.#options.bucket, Key: key, Body: body, IfMatch: expected }), options),
    );
    return this.#wrote(key, sent, { kind: 'swap', expected, value: etag });
  }

  async #delete(key: string): Promise<boolean> {
    const sent = await this.#options.endpoints.send('write', 'delete', (client, options) =>
      client.send(new DeleteObjectCommand({ Bucket: this.#options.bucket, Key: key }), options),
    );
    return this.#wrote(key, sent, { kind: 'write', value: null });
  }

  /** Each step through another node. Only the last one can change the object. */
  async #multipart(key: string, random: SeededRandom): Promise<boolean> {
    const { endpoints, bucket } = this.#options;
    const where = { Bucket: bucket, Key: key };
    const bodies = (random.chance(0.1) ? [partBytes, 20_000] : [8 + random.below(100 * kib)]).map((size) => this.#body(size));
    const created = await endpoints.send('write', 'create upload', (client, options) =>
      client.send(new CreateMultipartUploadCommand(where), options),
    );
    if (created.ending.kind !== 'answered') return this.#expectCalm('create upload', created);
    const { UploadId } = created.ending.value;
    const parts: { ETag: string; PartNumber: number }[] = [];
    for (const { body, etag } of bodies) {
      const PartNumber = parts.length + 1;
      const part = await endpoints.send('write', 'upload part', (client, options) =>
        client.send(new UploadPartCommand({ ...where, UploadId, PartNumber, Body: body }), options),
      );
      if (part.ending.kind !== 'answered') return this.#expectCalm('upload part', part);
      parts.push({ ETag: etag, PartNumber });
    }
    const digests = Buffer.concat(bodies.map(({ etag }) => Buffer.from(etag.slice(1, -1), 'hex')));
    const etag = `"${createHash('md5').update(digests).digest('hex')}-${parts.length}"`;
    this.#contents.set(etag, sha256(Buffer.concat(bodies.map(({ body }) => body))));
    const completed = await endpoints.send('write', 'complete', (client, options) =>
      client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: parts } }), options),
    );
    return this.#wrote(key, completed, { kind: 'write', value: etag });
  }

  async #get(key: string, source: Source, at?: number): Promise<boolean> {
    const sent = await this.#options.endpoints.send(
      'read',
      'get',
      async (client, options) => {
        const { ETag = '', Body } = await client.send(new GetObjectCommand({ Bucket: this.#options.bucket, Key: key }), options);
        return { etag: ETag, digest: sha256((await Body?.transformToByteArray()) ?? new Uint8Array()) };
      },
      at,
    );
    const { ending } = sent;
    if (ending.kind === 'answered') {
      const expected = this.#contents.get(ending.value.etag);
      if (expected !== ending.value.digest)
        this.#wrongBytes.push(`${key} through node ${sent.node}: ${ending.value.digest}, not ${String(expected)} of ${ending.value.etag}`);
    }
    return this.#found(key, source, sent, ending.kind === 'answered' ? ending.value.etag : undefined);
  }

  async #head(key: string): Promise<boolean> {
    const sent = await this.#options.endpoints.send('read', 'head', (client, options) =>
      client.send(new HeadObjectCommand({ Bucket: this.#options.bucket, Key: key }), options),
    );
    return this.#found(key, 'read', sent, sent.ending.kind === 'answered' ? sent.ending.value.ETag : undefined);
  }

  #found(key: string, source: Source, sent: Sent<unknown>, etag: string | undefined): boolean {
    const { ending } = sent;
    if (ending.kind !== 'answered' && !(ending.kind === 'refused' && ending.status === 404)) return this.#expectCalm('get', sent);
    this.#history.add(key, source, { kind: 'read', found: etag ?? null }, sent, `through node ${sent.node}`);
    if (etag === undefined) this.#seen.delete(key);
    else this.#seen.set(key, etag);
    return true;
  }

  async #list(prefix: string): Promise<boolean> {
    const sent = await this.#options.endpoints.send('read', 'list', (client, options) =>
      client.send(new ListObjectsV2Command({ Bucket: this.#options.bucket, Prefix: prefix }), options),
    );
    if (sent.ending.kind !== 'answered') return this.#expectCalm('list', sent);
    const listed = new Map((sent.ending.value.Contents ?? []).map(({ Key = '', ETag = '' }) => [Key, ETag]));
    const order = [...listed.keys()];
    if (order.join() !== [...order].sort().join() || sent.ending.value.IsTruncated === true)
      this.#surprises.push(`listing of ${prefix}: ${order.join(' ')}`);
    for (let number = 0; number < keysPerGroup; number++) {
      const key = `${prefix}${number}`;
      this.#history.add(key, 'listing', { kind: 'read', found: listed.get(key) ?? null }, sent, `through node ${sent.node}`);
      listed.delete(key);
    }
    if (listed.size > 0) this.#surprises.push(`listing of ${prefix} has keys of others: ${[...listed.keys()].join(' ')}`);
    return true;
  }

  /** Notes a write as far as it may have taken effect. */
  #wrote(key: string, sent: Sent<unknown>, operation: RegisterOperation): boolean {
    const { ending } = sent;
    const label = `through node ${sent.node}`;
    if (ending.kind === 'answered') this.#history.add(key, 'write', operation, sent, label);
    else if (ending.kind === 'unknown') {
      this.#history.add(key, 'write', operation, { ...sent, answeredAt: Infinity }, label);
      return this.#expectCalm('write', sent);
    } else if (operation.kind === 'swap' && (ending.status === 412 || ending.status === 404))
      this.#history.add(key, 'write', { kind: 'refused-swap', expected: operation.expected }, sent, label);
    else {
      const { calledAt, answeredAt } = sent;
      this.#history.addRefused(
        key,
        `[${calledAt.toFixed(2)}, ${answeredAt.toFixed(2)}] ${JSON.stringify(operation)} ${label}: ${ending.status} ${ending.name}`,
      );
      return this.#expectCalm('write', sent);
    }
    return true;
  }

  /** A refusal that faults explain; others are collected. */
  #expectCalm(what: string, { ending, node }: Sent<unknown>): false {
    if (ending.kind === 'refused' && ending.status !== 503 && ending.status !== 409)
      this.#surprises.push(`${what} through node ${node}: ${ending.status} ${ending.name}`);
    if (ending.kind === 'unknown' && ending.reason.startsWith('500 ') && !this.#excused.has(node))
      this.#surprises.push(`${what} through node ${node}: ${ending.reason}`);
    return false;
  }
}
