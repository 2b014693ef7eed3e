import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import type { DemoReport } from '../../backend/bin/demo/demo-report.ts';
import { waitFor } from '../../backend/bin/demo/wait-for.ts';

const folders = {
  'family-photos': ['2025/Tết/first morning.jpg', '2025/Tết/lì xì.jpg', '2025/Đà Lạt/pine forest.jpg', '2026/hà nội 🌸.jpg', 'cover.jpg'],
  'invoices-2026': ['January.pdf', 'February.pdf', 'March (draft).pdf', 'overview.xlsx'],
  'website-assets': ['css/site.css', 'img/logo.svg', 'index.html', 'robots.txt'],
} as const;

/** With manual rings the demo makes its users and its bucket after them; nothing is photographed half made. */
function demoIsComplete(client: S3Client): Promise<true> {
  const look = async (): Promise<true | null> => {
    try {
      return ((await client.send(new ListBucketsCommand({}))).Buckets ?? []).length > 0 ? true : null;
    } catch (error) {
      if (!(error instanceof S3ServiceException)) throw error;
      return null;
    }
  };
  return waitFor('the users of the demo', look, { timeoutMs: 60_000, everyMs: 500 });
}

/** Buckets and files like a person's, put through different nodes. */
export async function fillDemo({ s3 }: DemoReport): Promise<void> {
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const clients = s3.endpoints.map(
    (endpoint) => new S3Client({ endpoint, region: s3.region, credentials, forcePathStyle: true, maxAttempts: 10 }),
  );
  await demoIsComplete(clients[0] as S3Client);
  let turn = 0;
  const next = (): S3Client => clients[turn++ % clients.length] as S3Client;
  for (const [bucket, keys] of Object.entries(folders)) {
    await next().send(new CreateBucketCommand({ Bucket: bucket }));
    for (const [index, key] of keys.entries())
      await next().send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.alloc((index * 791 + 133) * 1531, index) }));
  }
  for (const client of clients) client.destroy();
}
