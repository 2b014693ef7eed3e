import { createHash } from 'node:crypto';
import type { ByteStream } from '../../../base/bytes.ts';
import { equalBytes } from '../../../base/bytes.ts';
import type { Failure } from '../../../base/outcome.ts';
import { FailureError } from '../../../base/outcome.ts';
import { spokenFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import type { StoredChecksum } from '../../../contracts/names.ts';
import type { ExpectedBody } from '../objects.ts';
import type { RunningChecksum } from './checksum.ts';
import { createChecksum, toBase64 } from './checksum.ts';

/** As S3: a single PUT or part. */
export const maximumBodyBytes = 5 * 1024 ** 3;

/** What a body turned out to be. */
export interface DigestedBody {
  readonly size: number;
  readonly md5Hex: string;
  readonly checksum: StoredChecksum | undefined;
}

/** Computes what is needed of a body on its way, and compares it with what was promised. Only what is needed: every hash costs. */
export class BodyDigest {
  readonly #expected: ExpectedBody;
  readonly #md5 = createHash('md5');
  readonly #sha256: RunningChecksum | undefined;
  readonly #checksum: RunningChecksum | undefined;
  readonly #maximumBytes: number;
  #size = 0;
  #result: DigestedBody | undefined;

  constructor(expected: ExpectedBody, maximumBytes = maximumBodyBytes) {
    this.#expected = expected;
    this.#maximumBytes = maximumBytes;
    this.#sha256 = expected.sha256 ? createHash('sha256') : undefined;
    this.#checksum = expected.checksumAlgorithm ? createChecksum(expected.checksumAlgorithm) : undefined;
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#md5.update(chunk);
    this.#sha256?.update(chunk);
    this.#checksum?.update(chunk);
  }

  /**
   * `content`, digested as it is pulled. Stops with IncompleteBody as soon as it is longer than declared; throws
   * EntityTooLarge beyond `maximumBytes`, for a body in chunks need not declare anything.
   */
  async *through(content: ByteStream): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.update(chunk);
      if (this.#size > this.#maximumBytes)
        throw new FailureError(spokenFailure('EntityTooLarge', fileRefusalSentence('longerBody', { most: maximumBodyBytes })));
      yield chunk;
      if (this.#expected.length !== undefined && this.#size > this.#expected.length) return;
    }
  }

  /** As `finish`, but throws the failure: for the end of a stream. */
  verify(): void {
    const outcome = this.finish();
    if (!outcome.ok) throw new FailureError(outcome.failure);
    this.#result = outcome.value;
  }

  /** What `verify` found. */
  result(): DigestedBody | undefined {
    return this.#result;
  }

  /** To be called once, after the whole body. */
  finish(): { readonly ok: true; readonly value: DigestedBody } | { readonly ok: false; readonly failure: Failure } {
    const { length, md5, sha256 } = this.#expected;
    if (length !== undefined && length !== this.#size) {
      const said = fileRefusalSentence('otherLength', { length: this.#size, declared: length });
      return { ok: false, failure: spokenFailure('IncompleteBody', said) };
    }
    const ownMd5 = this.#md5.digest();
    if (md5 && !equalBytes(md5, ownMd5))
      return { ok: false, failure: spokenFailure('ChecksumMismatch', fileRefusalSentence('otherMd5', {})) };
    if (sha256 && this.#sha256 && !equalBytes(sha256, this.#sha256.digest())) {
      return {
        ok: false,
        failure: {
          code: 'XAmzContentSHA256Mismatch',
          message: "The provided 'x-amz-content-sha256' header does not match what was computed.",
        },
      };
    }
    const checksum = this.#finishChecksum();
    if (checksum && 'code' in checksum) return { ok: false, failure: checksum };
    return { ok: true, value: { size: this.#size, md5Hex: ownMd5.toString('hex'), checksum } };
  }

  #finishChecksum(): StoredChecksum | Failure | undefined {
    const algorithm = this.#expected.checksumAlgorithm;
    if (!this.#checksum || !algorithm) return undefined;
    const value = toBase64(this.#checksum.digest());
    const promised = this.#expected.checksum?.();
    if (promised?.value !== undefined && (promised.algorithm !== algorithm || promised.value !== value)) {
      return spokenFailure('ChecksumMismatch', fileRefusalSentence('otherChecksum', { algorithm }));
    }
    return { algorithm, value, type: 'FULL_OBJECT' };
  }
}
