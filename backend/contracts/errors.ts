import { boundedSentence } from './bounded-sentence.ts';
import type { Failure } from '../base/outcome.ts';
import type { Sentence } from './spoken.ts';

/**
 * The one catalogue of expected failures: code -> HTTP status and what it means. Messages are made
 * where the offending value is known; they say what happened, with the value, and what to do.
 * S3 answers use S3's own codes (cloud-service/s3/s3-errors.ts), mapped from these.
 */
export const errorCatalogue = {
  // requests
  InvalidArgument: { status: 400, meaning: 'a parameter is missing, malformed or out of range' },
  NotAuthenticated: { status: 401, meaning: 'no session, or it has ended' },
  WrongCredentials: { status: 401, meaning: 'unknown name or wrong password' },
  LockedOut: { status: 429, meaning: 'too many failed logins; wait' },
  AccessDenied: { status: 403, meaning: 'known, but not allowed' },
  HostNotAllowed: { status: 421, meaning: 'the Host or Origin header is not on the list of this port' },
  NotFound: { status: 404, meaning: 'there is no such thing' },
  Conflict: { status: 409, meaning: 'it exists already, or is busy' },
  TooLarge: { status: 413, meaning: 'the body is larger than this call takes' },
  NotImplemented: { status: 501, meaning: 'known, but not offered by this version' },
  // joining
  TokenInvalid: { status: 401, meaning: 'the join token is unknown or its secret is wrong' },
  TokenExpired: { status: 401, meaning: 'the join token has expired' },
  TokenRevoked: { status: 401, meaning: 'the join token was revoked' },
  TokenUsed: { status: 409, meaning: 'the join token was used by another key' },
  NodeStillAnswers: { status: 409, meaning: 'another process with this key still answers' },
  NameTaken: { status: 409, meaning: 'another node has this name' },
  NodeStillNeeded: { status: 409, meaning: 'names or bytes still depend on this node' },
  WrongCluster: { status: 403, meaning: 'the certificate or list belongs to another cluster' },
  Revoked: { status: 403, meaning: 'the certificate of this node is refused' },
  // rings
  TooFewNodes: { status: 409, meaning: 'rings need at least three healthy nodes' },
  DigestMismatch: { status: 409, meaning: 'a node computed other rings' },
  EpochConflict: { status: 409, meaning: 'the epoch is decided otherwise, or a change is under way' },
  PlanOutdated: { status: 409, meaning: 'the list of Cloud Services has changed since the plan' },
  NotReady: { status: 503, meaning: 'the rings have not been made yet' },
  // registers
  OutcomeUnknown: { status: 503, meaning: 'the change may or may not have taken effect; read, or try again' },
  QuorumUnavailable: { status: 503, meaning: 'fewer than a majority of the replicas answered; nothing was changed' },
  RecordTooLarge: { status: 413, meaning: 'a name record may have 64 KiB' },
  Fenced: { status: 503, meaning: 'the generation of the bucket that the request knew is over; read the bucket again' },
  Busy: { status: 503, meaning: 'a queue is full; try again' },
  // transport
  Unreachable: { status: 502, meaning: 'no connection to the other process' },
  Timeout: { status: 504, meaning: 'the other process did not answer in time' },
  // storage
  StorageFull: { status: 507, meaning: 'no space left' },
  StorageFailed: { status: 500, meaning: 'the disk failed' },
  DataDirectoryInUse: { status: 409, meaning: 'another process holds the data directory' },
  NoSuchBlob: { status: 404, meaning: 'no blob with this id here' },
  BlobExists: { status: 409, meaning: 'a blob with this id is here already' },
  BlobDamaged: { status: 500, meaning: 'the checksum of a stored piece does not match' },
  // objects and accounts
  NoSuchBucket: { status: 404, meaning: 'no bucket with this name' },
  NoSuchKey: { status: 404, meaning: 'no object with this key' },
  NoSuchUpload: { status: 404, meaning: 'no open upload with this id' },
  NoSuchAccount: { status: 404, meaning: 'no user or access key with this name' },
  BucketExists: { status: 409, meaning: 'the bucket name belongs to another account' },
  BucketOwned: { status: 409, meaning: 'the bucket is yours already' },
  QuotaExceeded: { status: 403, meaning: 'the object does not fit into the quota of the bucket or of its owner' },
  BucketNotEmpty: { status: 409, meaning: 'the bucket still has objects' },
  TooManyBuckets: { status: 400, meaning: 'an account may have 500 buckets' },
  PreconditionFailed: { status: 412, meaning: 'a condition of the request does not hold' },
  NotModified: { status: 304, meaning: 'the object is as the client has it' },
  ChecksumMismatch: { status: 400, meaning: 'the body does not match its checksum' },
  IncompleteBody: { status: 400, meaning: 'the body is shorter or longer than declared' },
  InvalidRange: { status: 416, meaning: 'the range lies outside the object' },
  InvalidPart: { status: 400, meaning: 'a part is missing or its ETag differs' },
  InvalidPartOrder: { status: 400, meaning: 'parts must be in ascending order' },
  EntityTooSmall: { status: 400, meaning: 'a part other than the last is under 5 MiB' },
  EntityTooLarge: { status: 400, meaning: 'larger than an object or part may be' },
  // everything else
  InternalError: { status: 500, meaning: 'a defect; the log has the particulars' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ErrorCode = keyof typeof errorCatalogue;
export type CatalogueFailure = Failure<ErrorCode>;

/** A failure of the catalogue. */
export function failure(code: ErrorCode, message: string, details?: Record<string, unknown>): CatalogueFailure {
  return details === undefined ? { code, message } : { code, message, details };
}

/** A failure whose message has translations; never more of them than others take over. */
export function spokenFailure(code: ErrorCode, spoken: Sentence, details?: Record<string, unknown>): CatalogueFailure {
  return { ...failure(code, spoken.sentence, details), spoken: boundedSentence(spoken) };
}

/** HTTP status of a code; 500 for one that is not in the catalogue. */
export function statusOf(code: string): number {
  return code in errorCatalogue ? errorCatalogue[code as ErrorCode].status : 500;
}
