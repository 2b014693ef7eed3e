import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed } from '../../base/outcome.ts';

/** S3's own codes with their HTTP status. Codes of the catalogue that have another name here are mapped below. */
const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AuthorizationHeaderMalformed: 400,
  AuthorizationQueryParametersError: 400,
  BadDigest: 400,
  BucketAlreadyExists: 409,
  BucketAlreadyOwnedByYou: 409,
  BucketNotEmpty: 409,
  ConditionalRequestConflict: 409,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  IncompleteBody: 400,
  InsufficientStorage: 507,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidBucketName: 400,
  InvalidChunkSizeError: 403,
  InvalidDigest: 400,
  InvalidLocationConstraint: 400,
  InvalidPart: 400,
  InvalidPartNumber: 416,
  InvalidPartOrder: 400,
  InvalidRange: 416,
  InvalidRequest: 400,
  InvalidTag: 400,
  InvalidURI: 400,
  KeyTooLongError: 400,
  MalformedTrailerError: 400,
  MalformedXML: 400,
  MaxMessageLengthExceeded: 400,
  MetadataTooLarge: 400,
  MethodNotAllowed: 405,
  MissingContentLength: 411,
  MissingRequestBodyError: 400,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  NotImplemented: 501,
  NotModified: 304,
  OperationAborted: 409,
  PreconditionFailed: 412,
  QuotaExceeded: 403,
  RequestTimeTooSkewed: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
  TooManyBuckets: 400,
  XAmzContentSHA256Mismatch: 400,
};

/** Catalogue code -> S3 code, where they differ. */
const renamed: Readonly<Record<string, string>> = {
  BucketExists: 'BucketAlreadyExists',
  BucketOwned: 'BucketAlreadyOwnedByYou',
  Busy: 'SlowDown',
  ChecksumMismatch: 'BadDigest',
  Conflict: 'OperationAborted',
  NotFound: 'NoSuchKey',
  NotReady: 'ServiceUnavailable',
  OutcomeUnknown: 'ServiceUnavailable',
  QuorumUnavailable: 'ServiceUnavailable',
  RecordTooLarge: 'MetadataTooLarge',
  StorageFull: 'InsufficientStorage',
  Timeout: 'ServiceUnavailable',
  TooLarge: 'MaxMessageLengthExceeded',
  Unreachable: 'ServiceUnavailable',
};

export interface S3Error {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  /** Further elements of the error document. */
  readonly details: Readonly<Record<string, unknown>>;
}

export function toS3Error(failure: Failure): S3Error {
  const code = renamed[failure.code] ?? failure.code;
  const status = statuses[code];
  if (status === undefined)
    return { code: 'InternalError', status: 500, message: 'We encountered an internal error. Please try again.', details: {} };
  return { code, status, message: failure.message, details: failure.details ?? {} };
}

/** A failure with one of S3's own codes. */
export function s3Failure(code: string, message: string, details?: Record<string, unknown>): Failure {
  if (!(code in statuses)) throw new Error(`${code} is not a code of S3`);
  return details ? { code, message, details } : { code, message };
}

export function s3Failed(code: string, message: string, details?: Record<string, unknown>): Outcome<never> & { ok: false } {
  return failed(s3Failure(code, message, details));
}
