import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import type { SeededRandom } from '../../../simulation/seeded-random.ts';
import { patternBytes } from '../s3.ts';
import type { Endpoints, Sent } from './endpoints.ts';

const objectsPerRound = 3;
const attemptsToRead = 60;
const betweenAttemptsMs = 500;

type Run<T> = (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>;

/**
 * A bucket is made, and deleted while objects are put into it. Either the deletion is refused, and every
 * acknowledged object is there; or it is acknowledged, and then no put was, and nothing can be read.
 */
export class BucketRounds {
  readonly wrong: string[] = [];
  /** How deletions of buckets ended. */
  readonly ended = { deleted: 0, refused: 0, unknown: 0 };
  readonly #endpoints: Endpoints;
  readonly #random: SeededRandom;
  #count = 0;

  constructor(endpoints: Endpoints, random: SeededRandom) {
    this.#endpoints = endpoints;
    this.#random = random;
  }

  async run(): Promise<boolean> {
    const bucket = `round-${++this.#count}`;
    const made = await this.#endpoints.send('write', 'create bucket', (client, options) =>
      client.send(new CreateBucketCommand({ Bucket: bucket }), options),
    );
    if (made.ending.kind !== 'answered') return false;
    const keys = Array.from({ length: objectsPerRound }, (_, number) => `object-${number}`);
    const [removed, puts] = await Promise.all([this.#removeBucket(bucket), Promise.all(keys.map((key) => this.#put(bucket, key)))]);
    this.ended[removed.ending.kind === 'answered' ? 'deleted' : removed.ending.kind === 'refused' ? 'refused' : 'unknown'] += 1;
    await this.#judge(bucket, removed, new Map(keys.map((key, index) => [key, puts[index] as Sent<unknown>])));
    return true;
  }

  async #removeBucket(bucket: string): Promise<Sent<unknown>> {
    await delay(this.#random.below(30));
    return this.#endpoints.send('write', 'delete bucket', (client, options) =>
      client.send(new DeleteBucketCommand({ Bucket: bucket }), options),
    );
  }

  async #put(bucket: string, key: string): Promise<Sent<unknown>> {
    await delay(this.#random.below(40));
    const body = patternBytes(100 + this.#random.below(20_000), this.#count);
    return this.#endpoints.send('write', 'put into a dying bucket', (client, options) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), options),
    );
  }

  async #judge(bucket: string, removed: Sent<unknown>, puts: ReadonlyMap<string, Sent<unknown>>): Promise<void> {
    const told = `${bucket}: delete ${describe(removed)}, puts ${[...puts.values()].map(describe).join(', ')}`;
    const isThere = await this.#whether('head bucket', (client, options) =>
      client.send(new HeadBucketCommand({ Bucket: bucket }), options),
    );
    if (isThere === undefined) return;
    const acknowledged = [...puts].filter(([, sent]) => sent.ending.kind === 'answered').map(([key]) => key);
    if (removed.ending.kind === 'answered' && isThere) this.wrong.push(`${told}, but the bucket is there`);
    if (removed.ending.kind === 'refused' && !isThere) this.wrong.push(`${told}, but the bucket is gone`);
    if (!isThere && acknowledged.length > 0) this.wrong.push(`${told}: acknowledged objects are lost with the bucket`);
    for (const [key, sent] of puts) await this.#judgeObject(bucket, key, sent, isThere, told);
    if (!isThere) return;
    if (
      removed.ending.kind === 'refused' &&
      removed.ending.status === 409 &&
      [...puts.values()].every((sent) => sent.ending.kind === 'refused')
    )
      this.wrong.push(`${told}: told that objects are in it, but there can be none`);
    await this.#judgeListing(bucket, acknowledged, told);
    await this.#clear(bucket, [...puts.keys()]);
  }

  async #judgeObject(bucket: string, key: string, sent: Sent<unknown>, isThere: boolean, told: string): Promise<void> {
    const found = await this.#whether('get of a round', async (client, options) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), options);
      await Body?.transformToByteArray();
    });
    if (found === true && !isThere) this.wrong.push(`${told}: ${key} can be read in the deleted bucket`);
    if (found === true && sent.ending.kind === 'refused') this.wrong.push(`${told}: ${key} was refused and is there`);
    if (found === false && isThere && sent.ending.kind === 'answered') this.wrong.push(`${told}: ${key} is lost`);
  }

  async #judgeListing(bucket: string, acknowledged: readonly string[], told: string): Promise<void> {
    const listed = await this.#endpoints.send('read', 'list a round', (client, options) =>
      client.send(new ListObjectsV2Command({ Bucket: bucket }), options),
    );
    if (listed.ending.kind !== 'answered') return;
    const keys = (listed.ending.value.Contents ?? []).map((item) => item.Key);
    const missing = acknowledged.filter((key) => !keys.includes(key));
    if (missing.length > 0) this.wrong.push(`${told}: the listing lacks ${missing.join(' ')}`);
  }

  async #clear(bucket: string, keys: readonly string[]): Promise<void> {
    for (const key of keys)
      await this.#endpoints.send('write', 'delete of a round', (client, options) =>
        client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), options),
      );
    await this.#endpoints.send('write', 'delete bucket at last', (client, options) =>
      client.send(new DeleteBucketCommand({ Bucket: bucket }), options),
    );
  }

  /** Asks until there is a clear answer; undefined when there is none for long. */
  async #whether(what: string, run: Run<unknown>): Promise<boolean | undefined> {
    for (let attempt = 0; attempt < attemptsToRead; attempt++) {
      const { ending } = await this.#endpoints.send('read', what, run);
      if (ending.kind === 'answered') return true;
      if (ending.kind === 'refused' && ending.status === 404) return false;
      await delay(betweenAttemptsMs);
    }
    return undefined;
  }
}

function describe({ ending }: Sent<unknown>): string {
  return ending.kind === 'answered' ? 'acknowledged' : ending.kind === 'refused' ? `refused (${ending.name})` : 'unknown';
}
