import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDemo, temporaryDirectory, type RunningDemo } from './support/demo.ts';
import { clientsOf, statusOf } from './support/s3.ts';
import { until } from './support/wait.ts';

const bucket = 'demo-bucket';
/** `npm run test:long` races a thousand times. */
const rounds = Number(process.env.MCOS_RACE_ROUNDS ?? '150');

interface Attempt {
  readonly body: string;
  /** 200, 412 (refused), or 0: no clear answer. */
  readonly status: number;
}

describe('two gateways write one key under a condition', () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let demo: RunningDemo;

  beforeAll(async () => {
    directory = await temporaryDirectory('race');
    demo = await startDemo(directory.path, ['--base-port', '19600']);
  });

  afterAll(async () => {
    await demo.stop();
    await directory.remove();
  });

  async function attempt(
    client: S3Client,
    key: string,
    body: string,
    condition: { IfNoneMatch: '*' } | { IfMatch: string },
  ): Promise<Attempt> {
    try {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ...condition }));
      return { body, status: 200 };
    } catch (error) {
      return { body, status: statusOf(error) === 412 ? 412 : 0 };
    }
  }

  async function read(client: S3Client, key: string): Promise<{ body: string; etag: string }> {
    return until(
      `reading ${key}`,
      async () => {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return { body: (await answer.Body?.transformToString()) ?? '', etag: answer.ETag ?? '' };
      },
      30_000,
    );
  }

  /** At most one 200; what is stored was written by it, or by one whose outcome nobody knows; never by one that got 412. */
  function judge(attempts: readonly Attempt[], stored: string, before: string | null, key: string): void {
    const winners = attempts.filter((one) => one.status === 200);
    expect(winners.length, key).toBeLessThanOrEqual(1);
    if (winners[0] !== undefined) expect(stored, key).toBe(winners[0].body);
    expect(
      attempts.filter((one) => one.status === 412).map((one) => one.body),
      key,
    ).not.toContain(stored);
    if (attempts.every((one) => one.status === 412)) expect.fail(`${key}: both were refused although ${String(before)} was there`);
  }

  it(`has exactly one winner each time, ${rounds} times, a node dying in between`, { timeout: 900_000 }, async () => {
    const clients = clientsOf(demo.report, { maxAttempts: 1 });
    const [left, right, reader] = [clients[0], clients[1], clients[3]];
    const victim = demo.report.nodes[2];
    if (left === undefined || right === undefined || reader === undefined || victim === undefined)
      throw new Error('the demo has too few nodes');
    let clear = 0;
    for (let round = 0; round < rounds; round++) {
      if (round === Math.floor(rounds / 2)) process.kill(victim.pid, 'SIGKILL');
      const key = `race/${round}`;
      const creates = await Promise.all([
        attempt(left, key, `l${round}`, { IfNoneMatch: '*' }),
        attempt(right, key, `r${round}`, { IfNoneMatch: '*' }),
      ]);
      if (creates.every((one) => one.status !== 200)) continue;
      const created = await read(reader, key);
      judge(creates, created.body, null, key);
      const overwrites = await Promise.all([
        attempt(left, key, `L${round}`, { IfMatch: created.etag }),
        attempt(right, key, `R${round}`, { IfMatch: created.etag }),
      ]);
      const stored = await read(reader, key);
      judge(overwrites, stored.body, created.body, key);
      if ([...creates, ...overwrites].every((one) => one.status !== 0)) clear++;
    }
    expect(clear).toBeGreaterThan(rounds * 0.9);
  });
});
