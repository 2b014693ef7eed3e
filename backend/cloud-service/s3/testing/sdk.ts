import { createHash } from 'node:crypto';
import type { S3Client } from '@aws-sdk/client-s3';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll } from 'vitest';
import type { S3Service } from './s3-service.ts';
import { startS3Service } from './s3-service.ts';

/** The bucket that every test service begins with. */
export const Bucket = 'photos';

export interface SdkFixture {
  readonly service: S3Service;
  /** At the first node. */
  readonly client: S3Client;
  /** At another node. */
  readonly second: S3Client;
  /** Puts an object through the first node; answers its ETag. */
  put(key: string, body?: Uint8Array | string): Promise<string>;
  /** Reads an object, through the second node unless told otherwise. */
  get(key: string, from?: S3Client): Promise<Buffer>;
}

/** A service for the tests of one file, started before the first and stopped after the last. */
export function useS3Service(): SdkFixture {
  let running: { service: S3Service; client: S3Client; second: S3Client } | undefined;
  beforeAll(async () => {
    const service = await startS3Service();
    running = { service, client: service.client(0), second: service.client(1) };
  });
  afterAll(async () => {
    await running?.service.stop();
  });
  const now = (): NonNullable<typeof running> => {
    if (!running) throw new Error('the S3 service has not been started yet');
    return running;
  };
  return {
    get service() {
      return now().service;
    },
    get client() {
      return now().client;
    },
    get second() {
      return now().second;
    },
    put: async (Key, Body = 'x') => (await now().client.send(new PutObjectCommand({ Bucket, Key, Body }))).ETag ?? '',
    get: async (Key, from = now().second) => bytesOf(await from.send(new GetObjectCommand({ Bucket, Key }))),
  };
}

export async function bytesOf(answer: { Body?: { transformToByteArray(): Promise<Uint8Array> } }): Promise<Buffer> {
  return Buffer.from((await answer.Body?.transformToByteArray()) ?? new Uint8Array(0));
}

/** Name and HTTP status of what the SDK makes of a failure; `none` when there is none. */
export async function codeOf(work: Promise<unknown>): Promise<{ name: string; status: number }> {
  try {
    await work;
    return { name: 'none', status: 200 };
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    return { name, status: $metadata?.httpStatusCode ?? 0 };
  }
}

export function md5(bytes: Uint8Array | string): string {
  return createHash('md5').update(bytes).digest('hex');
}
