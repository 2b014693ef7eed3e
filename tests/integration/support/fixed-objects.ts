import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { patternBytes, sha256, statusOf } from './s3.ts';

const bucket = 'demo-bucket';
const requestTimeoutMs = 30_000;
const pauseAfterErrorMs = 50;
/** Every third is deleted again, so that marks of deleted names are among them. */
const deletedOf = 3;

/**
 * Objects that nobody changes while they are read and listed without a pause: whatever a read or a listing answers
 * other than exactly these is wrong, whatever else goes on.
 *
 * Invariant: one request at a time for each reader and each lister.
 */
export class FixedObjects {
  /** Answers that were not what has been there all the time. */
  readonly wrong: string[] = [];
  /** From the first failure of a reader or lister to its next success. */
  readonly outagesMs: number[] = [];
  reads = 0;
  listings = 0;
  longestMs = 0;
  readonly #clients: readonly S3Client[];
  readonly #prefix: string;
  readonly #digests = new Map<string, string>();
  #away = new Set<number>();
  #stopped = false;
  #running: Promise<void>[] = [];

  constructor(clients: readonly S3Client[], prefix: string) {
    this.#clients = clients;
    this.#prefix = prefix;
  }

  /** Small objects and, every eighth, one that is a blob. */
  async put(count: number): Promise<void> {
    for (let number = 0; number < count; number++) {
      const key = `${this.#prefix}/${number.toString().padStart(4, '0')}`;
      const body = patternBytes(number % 8 === 0 ? 20_000 + number : 100 + number * 7, number + 1);
      await this.#client(number % this.#clients.length).send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
      if (number % deletedOf === 0)
        await this.#client((number + 1) % this.#clients.length).send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      else this.#digests.set(key, sha256(body));
    }
  }

  start(readers: number, listers: number): void {
    this.#stopped = false;
    const keys = [...this.#digests.keys()];
    const read = (turn: number): Promise<void> => this.#read(keys[(turn * 7) % keys.length] ?? '', this.#node(turn));
    const list = (turn: number): Promise<void> => this.#list(this.#node(turn));
    this.#running = [
      ...Array.from({ length: readers }, (_, index) => this.#loop(index, read)),
      ...Array.from({ length: listers }, (_, index) => this.#loop(index, list)),
    ];
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  /** Nobody asks these nodes any more. */
  setAway(nodes: readonly number[]): void {
    this.#away = new Set(nodes);
  }

  async #loop(first: number, request: (turn: number) => Promise<void>): Promise<void> {
    let failingSinceMs: number | undefined;
    for (let turn = first; !this.#stopped; turn++) {
      const startedMs = performance.now();
      try {
        await request(turn);
        this.longestMs = Math.max(this.longestMs, performance.now() - startedMs);
        if (failingSinceMs !== undefined) this.outagesMs.push(performance.now() - failingSinceMs);
        failingSinceMs = undefined;
      } catch (error) {
        // No answer is no wrong answer; how long it lasts is counted.
        if (statusOf(error) === 404) this.wrong.push(`a read answered 404: ${String(error)}`);
        failingSinceMs ??= startedMs;
        await delay(pauseAfterErrorMs);
      }
    }
    if (failingSinceMs !== undefined) this.outagesMs.push(performance.now() - failingSinceMs);
  }

  #node(turn: number): number {
    const living = this.#clients.map((_, index) => index).filter((index) => !this.#away.has(index));
    return living[turn % living.length] ?? 0;
  }

  #client(node: number): S3Client {
    const client = this.#clients[node];
    if (client === undefined) throw new Error(`there is no client ${node}`);
    return client;
  }

  async #read(key: string, node: number): Promise<void> {
    const answer = await this.#client(node).send(new GetObjectCommand({ Bucket: bucket, Key: key }), {
      abortSignal: AbortSignal.timeout(requestTimeoutMs),
    });
    const digest = sha256((await answer.Body?.transformToByteArray()) ?? new Uint8Array());
    if (digest !== this.#digests.get(key)) this.wrong.push(`${key} through node ${node}: ${digest}`);
    this.reads += 1;
  }

  async #list(node: number): Promise<void> {
    const listed: string[] = [];
    for (let token: string | undefined, more = true; more;) {
      const page = await this.#client(node).send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: `${this.#prefix}/`,
          MaxKeys: 50,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
        { abortSignal: AbortSignal.timeout(requestTimeoutMs) },
      );
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
      token = page.NextContinuationToken;
      more = page.IsTruncated === true;
    }
    const expected = [...this.#digests.keys()];
    if (listed.join('\n') !== expected.join('\n'))
      this.wrong.push(
        `listing through node ${node}: lacks ${expected.filter((key) => !listed.includes(key)).join(', ')}, has ${listed.filter((key) => !this.#digests.has(key)).join(', ')} (${listed.length})`,
      );
    this.listings += 1;
  }
}
