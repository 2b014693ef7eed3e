import { createHash } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DemoNodes } from './support/demo-nodes.ts';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { statusOf } from './support/s3.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
/** `npm run test:long` races ten times as often. */
const rounds = process.env.MCOS_LONG === '1' ? 10_000 : 1_000;
/** Rounds on different keys that run beside each other. */
const lanes = 8;
const requestTimeoutMs = 30_000;
const patienceMs = 60_000;

type Condition = { IfNoneMatch: '*' } | { IfMatch: string };

interface Attempt {
  readonly body: string;
  readonly status: 'won' | 'refused' | 'unknown';
}

/** What a key holds; null: nothing. */
type Stored = { readonly body: string; readonly etag: string } | null;

describe('two gateways write one key under a condition', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;
  let nodes: DemoNodes;

  beforeAll(async () => {
    directory = await temporaryDirectory('race');
    demo = await startDemo(directory.path, ['--base-port', '19600']);
    nodes = new DemoNodes(demo, directory.path);
  });

  afterAll(async () => {
    await nodes.stop();
    await demo.stop();
    await directory.remove();
  });

  async function attempt(client: S3Client, key: string, body: string, condition: Condition): Promise<Attempt> {
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...condition }), {
        abortSignal: AbortSignal.timeout(requestTimeoutMs),
      });
      return { body, status: 'won' };
    } catch (error) {
      const status = statusOf(error);
      // An answer that is neither a refusal nor "unknown" has no business here.
      if (status !== undefined && status !== 412 && status !== 503) throw error;
      return { body, status: status === 412 ? 'refused' : 'unknown' };
    }
  }

  function read(client: S3Client, key: string): Promise<{ stored: Stored }> {
    return until(
      `reading ${key}`,
      async () => {
        try {
          const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
          return { stored: { body: (await answer.Body?.transformToString()) ?? '', etag: answer.ETag ?? '' } };
        } catch (error) {
          if (statusOf(error) === 404) return { stored: null };
          throw error;
        }
      },
      patienceMs,
    );
  }

  /** Both gateways at once, then what a third node says who won. */
  async function raceOnce(pair: readonly [S3Client, S3Client], reader: S3Client, key: string, before: Stored): Promise<RaceResult> {
    const condition: Condition = before === null ? { IfNoneMatch: '*' } : { IfMatch: before.etag };
    const name = before === null ? 'create' : 'overwrite';
    const attempts = await Promise.all(pair.map((client, index) => attempt(client, key, `${name} ${key} by ${index}`, condition)));
    const { stored } = await read(reader, key);
    const wrong = judge(attempts, stored?.body ?? null, before?.body ?? null);
    return { stored, isClear: attempts.every((one) => one.status !== 'unknown'), wrong: wrong === null ? [] : [`${key}: ${wrong}`] };
  }

  it(`has exactly one winner each time, ${rounds} times, nodes dying and returning in between`, { timeout: 1_800_000 }, async () => {
    const [left, right, replica, reader, spare] = [0, 1, 2, 3, 4].map((index) => nodes.at(index).client) as [
      S3Client,
      S3Client,
      S3Client,
      S3Client,
      S3Client,
    ];
    let pair: [S3Client, S3Client] = [left, right];
    const wrong: string[] = [];
    const finals = new Map<string, string>();
    let clear = 0;
    let next = 0;
    const runLane = async (): Promise<void> => {
      for (let round = next++; round < rounds; round = next++) {
        const key = `race/${round}`;
        const created = await raceOnce(pair, reader, key, null);
        const last = created.stored === null ? created : await raceOnce(pair, reader, key, created.stored);
        wrong.push(...created.wrong, ...(last === created ? [] : last.wrong));
        if (!created.isClear || !last.isClear) continue;
        clear++;
        finals.set(key, last.stored?.body ?? '');
      }
    };
    const startedMs = performance.now();
    const reached = (part: number): Promise<boolean> =>
      until(`${part * 100} % of the rounds`, () => Promise.resolve(next >= rounds * part), 1_700_000);
    const lanesDone = Promise.all(Array.from({ length: lanes }, runLane));
    const deaths = (async () => {
      // A replica first, then one of the two gateways, whose client goes to another node.
      await reached(0.2);
      await nodes.end(nodes.at(2).node.name, 'SIGKILL');
      await reached(0.4);
      await nodes.startAgain(2);
      await reached(0.6);
      await nodes.end(nodes.at(1).node.name, 'SIGKILL');
      pair = [left, spare];
      await reached(0.8);
      await nodes.startAgain(1);
      pair = [right, replica];
    })();
    await Promise.all([lanesDone, deaths]);
    console.log(
      `race: ${rounds} creates and overwrites in ${((performance.now() - startedMs) / 1000).toFixed(1)} s, ${rounds - clear} with an unknown outcome`,
    );
    expect(wrong).toEqual([]);
    expect(clear).toBeGreaterThan(rounds * 0.95);
    for (const client of [left, right, replica]) expect(await etagsOf(client)).toEqual(expect.objectContaining(expectedEtags(finals)));
  });

  /** ETags of all keys as one node lists them. */
  async function etagsOf(client: S3Client): Promise<Record<string, string>> {
    const etags: Record<string, string> = {};
    let after: string | undefined;
    for (;;) {
      const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: 'race/', ContinuationToken: after }));
      for (const { Key, ETag } of page.Contents ?? []) etags[Key ?? ''] = ETag ?? '';
      after = page.NextContinuationToken;
      if (after === undefined) return etags;
    }
  }
});

interface RaceResult {
  readonly stored: Stored;
  readonly isClear: boolean;
  readonly wrong: readonly string[];
}

function expectedEtags(finals: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...finals].map(([key, body]) => [key, `"${createHash('md5').update(body).digest('hex')}"`]));
}

/**
 * What is wrong with the outcome of one race, or null. At most one wins; what is stored was written by it, or by
 * one of unknown outcome; a refusal means that another one took effect, never the refused one.
 */
function judge(attempts: readonly Attempt[], stored: string | null, before: string | null): string | null {
  const told = `${attempts.map((one) => one.status).join(' and ')}; stored is ${String(stored)}`;
  const winners = attempts.filter((one) => one.status === 'won');
  const unknown = attempts.filter((one) => one.status === 'unknown');
  if (winners.length > 1) return `two winners: ${told}`;
  if (winners[0] !== undefined) return stored === winners[0].body ? null : `the winner is not stored: ${told}`;
  if (unknown.some((one) => one.body === stored)) return null;
  if (unknown.length === 0) return `nobody won: ${told}`;
  if (stored !== before) return `stored by one that was refused: ${told}`;
  return attempts.some((one) => one.status === 'refused') ? `refused although nothing changed: ${told}` : null;
}
