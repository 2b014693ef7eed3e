import { setTimeout as delay } from 'node:timers/promises';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';

const bucket = 'website-assets';
const files = ['css/site.css', 'img/logo.svg', 'index.html'];

/** Somebody who reads and writes a little, so that the charts of traffic have some. `stop` throws what went wrong meanwhile. */
export function keepBusy({ s3 }: DemoReport): { stop(): Promise<void> } {
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const client = new S3Client({ endpoint: s3.endpoints[0] ?? '', region: s3.region, credentials, forcePathStyle: true, maxAttempts: 10 });
  const ended = new AbortController();

  async function work(): Promise<void> {
    for (let turn = 0; !ended.signal.aborted; turn++) {
      const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: files[turn % files.length] ?? '' }));
      await body?.transformToByteArray();
      // As a day's work goes: now more, now less.
      if (turn % 3 === 0) {
        const size = Math.round((1 + Math.sin(turn / 9)) * 300_000);
        await client.send(new PutObjectCommand({ Bucket: bucket, Key: `log/${turn % 12}.txt`, Body: Buffer.alloc(size, turn) }));
      }
      await delay(400, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  }

  const working = work();
  // Told by `stop`; until then a failure must not end the process unheard.
  working.catch(() => undefined);
  return {
    stop: async () => {
      ended.abort();
      await working;
      client.destroy();
    },
  };
}
