import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { patternBytes, sha256, statusOf } from './s3.ts';

const bucket = 'demo-bucket';
const keysPerStream = 8;
const partBytes = 5 * 1024 * 1024;
/** Nobody waits longer for one request; more than that is a hang. */
const requestTimeoutMs = 30_000;
const pauseAfterErrorMs = 50;

/** Digest of the bytes; null: there is no object. */
type Content = string | null;

export interface Request {
  readonly kind: 'put' | 'blob' | 'multipart' | 'get' | 'delete';
  /** Number of the node it went to. */
  readonly node: number;
  readonly startedMs: number;
  readonly tookMs: number;
  /** What went wrong; undefined when it was answered as it should be. */
  readonly error?: string;
}

interface Stream {
  readonly home: number;
  readonly keys: Map<string, KnownKey>;
  node: number;
  seed: number;
  acknowledged: number;
  failingSinceMs: number | undefined;
}

/** What may be stored under a key that one stream writes: what was acknowledged last, and everything unknown since. */
class KnownKey {
  #certain: Content = null;
  #unknown = new Set<Content>();

  wrote(content: Content): void {
    this.#certain = content;
    this.#unknown.clear();
  }

  mayHaveWritten(content: Content): void {
    this.#unknown.add(content);
  }

  /** Whether `content` may be read. One that was unknown until then took effect; the others may yet. */
  allows(content: Content): boolean {
    if (this.#unknown.delete(content)) this.#certain = content;
    return this.#certain === content;
  }

  /** The content where there is no doubt. */
  get certain(): Content | undefined {
    return this.#unknown.size === 0 ? this.#certain : undefined;
  }

  describe(): string {
    return `${String(this.#certain)} or one of [${[...this.#unknown].map(String).join(', ')}]`;
  }
}

/**
 * Writes, overwrites, deletes and reads objects of every kind through several nodes without a pause, and knows
 * at any moment what each key may hold. Every key has one writer; reads go through other nodes.
 *
 * Invariant: a request without a clear answer leaves both outcomes possible, no other does.
 */
export class Workload {
  readonly requests: Request[] = [];
  /** Contents that nobody may have read. */
  readonly wrong: string[] = [];
  /** From the first failure of a stream to its next success. */
  readonly outages: { readonly node: number; readonly ms: number }[] = [];
  readonly #clients: readonly S3Client[];
  readonly #prefix: string;
  readonly #streams: Stream[] = [];
  #away = new Set<number>();
  #stopped = false;
  #running: Promise<void>[] = [];

  /** One stream through each node of `homes`. */
  constructor(clients: readonly S3Client[], prefix: string, homes: readonly number[] = clients.map((_, index) => index)) {
    this.#clients = clients;
    this.#prefix = prefix;
    for (const home of homes) {
      this.#streams.push({ home, keys: new Map(), node: home, seed: home + 1, acknowledged: 0, failingSinceMs: undefined });
    }
  }

  start(): void {
    this.#stopped = false;
    this.#running = this.#streams.map((stream) => this.#runStream(stream));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
    for (const stream of this.#streams) this.#endOutage(stream);
  }

  /** These nodes are known to be away: streams that fail there go to another one, as a client with several endpoints does. */
  setAway(nodes: readonly number[]): void {
    this.#away = new Set(nodes);
  }

  /** Acknowledged requests of the stream that has had fewest. */
  get leastAcknowledged(): number {
    return Math.min(...this.#streams.map((stream) => stream.acknowledged));
  }

  get errors(): Request[] {
    return this.requests.filter((request) => request.error !== undefined);
  }

  /** Requests that were under way at some time between the two. */
  between(fromMs: number, toMs: number): Request[] {
    return this.requests.filter((request) => request.startedMs < toMs && request.startedMs + request.tookMs > fromMs);
  }

  /** Reads every key through every one of `nodes` and lists through them; collects what is wrong in `wrong`. */
  async verify(nodes: readonly number[]): Promise<{ objects: number; unknown: number }> {
    const all = this.#streams.flatMap((stream) => [...stream.keys]);
    let unknown = 0;
    for (const [key, known] of all) {
      if (known.certain === undefined) unknown++;
      for (const node of nodes) this.#judge(key, known, node, await this.#read(key, node));
    }
    const present = all.filter(([, known]) => known.certain !== null && known.certain !== undefined).map(([key]) => key);
    const doubtful = new Set(all.filter(([, known]) => known.certain === undefined).map(([key]) => key));
    for (const node of nodes) {
      const listed = await this.#client(node).send(new ListObjectsV2Command({ Bucket: bucket, Prefix: `${this.#prefix}/` }));
      const keys = (listed.Contents ?? []).map((item) => item.Key ?? '').filter((key) => !doubtful.has(key));
      expect(keys.sort(), `listing through node ${node}`).toEqual([...present].sort());
    }
    return { objects: present.length, unknown };
  }

  #client(node: number): S3Client {
    const client = this.#clients[node];
    if (client === undefined) throw new Error(`there is no client ${node}`);
    return client;
  }

  async #runStream(stream: Stream): Promise<void> {
    while (!this.#stopped) {
      const random = (stream.seed = (stream.seed * 1_103_515_245 + 12_345) % 2 ** 31);
      const key = `${this.#prefix}/${stream.home}/${(random >>> 8) % keysPerStream}`;
      const known = stream.keys.get(key) ?? new KnownKey();
      stream.keys.set(key, known);
      const dice = (random >>> 16) % 100;
      if (dice < 45) await this.#put(stream, key, known, 'put', 100 + (random % 7_000));
      else if (dice < 58) await this.#put(stream, key, known, 'blob', 16 * 1024 + (dice === 57 ? partBytes : random % 300_000));
      else if (dice < 59) await this.#multipart(stream, key, known);
      else if (dice < 70) await this.#remove(stream, key, known);
      else await this.#readElsewhere(stream, key, known, random);
    }
  }

  async #put(stream: Stream, key: string, known: KnownKey, kind: 'put' | 'blob', size: number): Promise<void> {
    const body = patternBytes(size, stream.seed);
    const digest = sha256(body);
    const done = await this.#send(stream, kind, (client, signal) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), { abortSignal: signal }),
    );
    if (done) known.wrote(digest);
    else known.mayHaveWritten(digest);
  }

  async #multipart(stream: Stream, key: string, known: KnownKey): Promise<void> {
    const parts = [patternBytes(partBytes, stream.seed), patternBytes(20_000, stream.seed + 1)];
    const digest = sha256(Buffer.concat(parts));
    const where = { Bucket: bucket, Key: key };
    const done = await this.#send(stream, 'multipart', async (client, signal) => {
      const options = { abortSignal: signal };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(where), options);
      const uploaded: { ETag: string | undefined; PartNumber: number }[] = [];
      for (const [index, Body] of parts.entries()) {
        const PartNumber = index + 1;
        const { ETag } = await client.send(new UploadPartCommand({ ...where, UploadId, PartNumber, Body }), options);
        uploaded.push({ ETag, PartNumber });
      }
      await client.send(new CompleteMultipartUploadCommand({ ...where, UploadId, MultipartUpload: { Parts: uploaded } }), options);
    });
    if (done) known.wrote(digest);
    else known.mayHaveWritten(digest);
  }

  async #remove(stream: Stream, key: string, known: KnownKey): Promise<void> {
    const done = await this.#send(stream, 'delete', (client, signal) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal }),
    );
    if (done) known.wrote(null);
    else known.mayHaveWritten(null);
  }

  async #readElsewhere(stream: Stream, key: string, known: KnownKey, random: number): Promise<void> {
    const living = this.#clients.map((_, index) => index).filter((index) => !this.#away.has(index));
    const node = living[random % living.length] ?? stream.node;
    let content: Content = null;
    const done = await this.#send(
      stream,
      'get',
      async (client, signal) => {
        content = await contentAt(client, key, signal);
      },
      node,
    );
    if (done) this.#judge(key, known, node, content);
  }

  #read(key: string, node: number): Promise<Content> {
    return contentAt(this.#client(node), key, AbortSignal.timeout(requestTimeoutMs));
  }

  #judge(key: string, known: KnownKey, node: number, content: Content): void {
    const expected = known.describe();
    if (!known.allows(content)) this.wrong.push(`${key} through node ${node}: ${String(content)} instead of ${expected}`);
  }

  /** Sends through the stream's node (or `elsewhere`) and notes how long it took and what went wrong. */
  async #send(
    stream: Stream,
    kind: Request['kind'],
    run: (client: S3Client, signal: AbortSignal) => Promise<unknown>,
    elsewhere?: number,
  ): Promise<boolean> {
    const node = elsewhere ?? stream.node;
    const startedMs = performance.now();
    const note = (error?: string): void => {
      this.requests.push({ kind, node, startedMs, tookMs: performance.now() - startedMs, ...(error === undefined ? {} : { error }) });
    };
    try {
      await run(this.#client(node), AbortSignal.timeout(requestTimeoutMs));
      note();
      stream.acknowledged++;
      this.#endOutage(stream);
      return true;
    } catch (error) {
      const lostItsNode = this.#away.has(node);
      note(lostItsNode ? `away: ${describe(error)}` : describe(error));
      stream.failingSinceMs ??= startedMs;
      if (this.#away.has(stream.node)) stream.node = this.#clients.findIndex((_, index) => !this.#away.has(index));
      await delay(pauseAfterErrorMs);
      return false;
    }
  }

  #endOutage(stream: Stream): void {
    if (stream.failingSinceMs === undefined) return;
    this.outages.push({ node: stream.node, ms: performance.now() - stream.failingSinceMs });
    stream.failingSinceMs = undefined;
  }

  /** Streams go back to the nodes they began with. */
  goHome(): void {
    for (const stream of this.#streams) stream.node = stream.home;
  }
}

async function contentAt(client: S3Client, key: string, signal: AbortSignal): Promise<Content> {
  try {
    const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal });
    return answer.Body === undefined ? null : sha256(await answer.Body.transformToByteArray());
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw error;
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${String(statusOf(error) ?? 'no answer')} ${error.name}: ${error.message}`.slice(0, 300);
}

/** The p-th part of the sorted values, e.g. 0.99; 0 when there are none. */
export function quantile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}
