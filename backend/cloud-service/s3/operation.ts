import type { Clock } from '../../base/clock.ts';
import type { HttpRequest, HttpResponse } from '../../base/http-port.ts';
import type { Logger } from '../../base/logger.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { Random } from '../../base/random.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { ServingState } from '../admin-cloud-controller/serving-state.ts';
import type { Names } from '../names/names.ts';
import type { OneTimeDownloads } from '../objects/one-time-downloads.ts';
import type { Objects } from '../objects/objects.ts';
import type { RequestTarget } from './http/parse-target.ts';
import { s3Failed } from './s3-errors.ts';
import type { VerifiedRequest } from './signature/verify-request.ts';

export interface S3Deps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly names: Names;
  readonly objects: Objects;
  readonly serving: () => ServingState;
  readonly region: 'us-east-1';
  readonly downloads: OneTimeDownloads;
}

/** One authenticated request on its way through an operation. */
export interface OperationContext {
  readonly deps: S3Deps;
  readonly request: HttpRequest;
  readonly target: RequestTarget;
  readonly verified: VerifiedRequest;
}

export type Operation = (context: OperationContext) => Promise<Outcome<HttpResponse>>;

/** The bucket of the request, if it belongs to the caller (and to whom the caller expects). */
export function ownBucket(context: OperationContext): Promise<Outcome<BucketRecord>> {
  return bucketOf(context, context.target.bucket, context.request.headers['x-amz-expected-bucket-owner']);
}

/** The bucket that a copy reads from, if it belongs to the caller as well. */
export function ownSourceBucket(context: OperationContext, name: string): Promise<Outcome<BucketRecord>> {
  return bucketOf(context, name, context.request.headers['x-amz-source-expected-bucket-owner']);
}

async function bucketOf(context: OperationContext, name: string, expectedOwner: string | undefined): Promise<Outcome<BucketRecord>> {
  const { buckets } = context.deps.names;
  const { accountId } = context.verified.accessKey;
  const mayUse = (ownerId: string): boolean => ownerId === accountId && (expectedOwner === undefined || expectedOwner === ownerId);
  const known = await buckets.resolve(name);
  // No refusal comes from the cache: the name may have another owner by now.
  const bucket = known.ok && !mayUse(known.value.ownerId) ? await buckets.resolve(name, { fresh: true }) : known;
  if (!bucket.ok) {
    return bucket.failure.code === 'NoSuchBucket'
      ? s3Failed('NoSuchBucket', 'The specified bucket does not exist', { BucketName: name })
      : bucket;
  }
  return mayUse(bucket.value.ownerId) ? bucket : s3Failed('AccessDenied', 'Access Denied');
}

export function xmlResponse(body: string, headers: Record<string, string> = {}): Outcome<HttpResponse> {
  return success({ status: 200, headers: { 'content-type': 'application/xml', ...headers }, body });
}

export function emptyResponse(status: number, headers: Record<string, string | number> = {}): Outcome<HttpResponse> {
  return success({ status, headers });
}
