import { createHash } from 'node:crypto';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DemoReport } from '../../../backend/bin/demo/demo-report.ts';

/** One client for each node, in the order of the nodes. */
export function clientsOf(report: DemoReport, options: { maxAttempts?: number } = {}): S3Client[] {
  return report.s3.endpoints.map((endpoint) => clientAt(report, endpoint, options));
}

export function clientAt(report: DemoReport, endpoint: string, options: { maxAttempts?: number } = {}): S3Client {
  const { accessKeyId, secretAccessKey, region } = report.s3;
  return new S3Client({ endpoint, region, forcePathStyle: true, credentials: { accessKeyId, secretAccessKey }, ...options });
}

export async function getBytes(client: S3Client, bucket: string, key: string): Promise<Uint8Array> {
  const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (answer.Body === undefined) throw new Error(`${key} has no body`);
  return answer.Body.transformToByteArray();
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The HTTP status of an error of the SDK, or undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

/** Bytes that depend on `seed` and repeat nowhere nearby (xorshift), so that swapped pieces are noticed. */
export function patternBytes(length: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  for (let index = 0; index < words.length; index++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}
