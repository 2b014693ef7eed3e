import { createHash } from 'node:crypto';
import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { spokenFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import type { PartRecord, StoredChecksum, UploadRecord } from '../../../contracts/names.ts';
import type { ChecksumAlgorithm } from '../checksums/checksum.ts';
import { checksumAlgorithms, createChecksum } from '../checksums/checksum.ts';
import { combineCrcs } from '../checksums/combine-crc.ts';

export const minimumPartBytes = 5 * 1024 * 1024;
const maximumObjectBytes = 50 * 1024 ** 4;

export interface PartChoice {
  readonly partNumber: number;
  readonly etag: string;
  readonly checksum?: string;
}

/** The parts that Complete names, checked against those that were stored. Pure. */
export function chooseParts(stored: readonly PartRecord[], choices: readonly PartChoice[]): Outcome<PartRecord[]> {
  if (choices.length === 0) return failed({ code: 'MalformedXML', message: 'The list of parts is empty. Name at least one part.' });
  const byNumber = new Map(stored.map((part) => [part.partNumber, part]));
  const chosen: PartRecord[] = [];
  let size = 0;
  for (const choice of choices) {
    const previous = chosen.at(-1);
    if (previous && choice.partNumber <= previous.partNumber)
      return failed(spokenFailure('InvalidPartOrder', fileRefusalSentence('partOrder', {})));
    const part = byNumber.get(choice.partNumber);
    if (!part || part.etag !== choice.etag || (choice.checksum !== undefined && part.checksum?.value !== choice.checksum)) {
      return failed(
        spokenFailure('InvalidPart', fileRefusalSentence('missingPart', {}), { partNumber: choice.partNumber, etag: choice.etag }),
      );
    }
    chosen.push(part);
    size += part.size;
  }
  const small = chosen.slice(0, -1).find((part) => part.size < minimumPartBytes);
  if (small)
    return failed(
      spokenFailure('EntityTooSmall', fileRefusalSentence('smallParts', {}), {
        partNumber: small.partNumber,
        proposedSize: small.size,
        minimumSizeAllowed: minimumPartBytes,
      }),
    );
  if (size > maximumObjectBytes)
    return failed(spokenFailure('EntityTooLarge', fileRefusalSentence('longObject', { length: size, most: maximumObjectBytes })));
  return success(chosen);
}

/** S3's ETag of a multipart object: MD5 over the parts' MD5s, and how many there are. */
export function multipartEtag(parts: readonly Pick<PartRecord, 'etag'>[]): string {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part.etag, 'hex');
  return `${hash.digest('hex')}-${parts.length}`;
}

/** The object's checksum from those of its parts, as the upload was declared; undefined when it was declared without. */
export function multipartChecksum(upload: UploadRecord, parts: readonly PartRecord[]): StoredChecksum | undefined {
  const algorithm = checksumAlgorithms.find((known) => known === upload.checksumAlgorithm);
  if (!algorithm || parts.some((part) => part.checksum?.algorithm !== algorithm)) return undefined;
  const values = parts.map((part) => Buffer.from(part.checksum?.value ?? '', 'base64'));
  return upload.checksumType === 'FULL_OBJECT' ? fullObject(algorithm, parts, values) : composite(algorithm, values);
}

function composite(algorithm: ChecksumAlgorithm, values: readonly Uint8Array[]): StoredChecksum {
  const checksum = createChecksum(algorithm);
  for (const value of values) checksum.update(value);
  return { algorithm, value: `${Buffer.from(checksum.digest()).toString('base64')}-${values.length}`, type: 'COMPOSITE' };
}

function fullObject(algorithm: ChecksumAlgorithm, parts: readonly PartRecord[], values: readonly Uint8Array[]): StoredChecksum | undefined {
  if (algorithm === 'SHA1' || algorithm === 'SHA256') return undefined;
  const combined = combineCrcs(
    algorithm,
    values.map((value, index) => ({ value, sizeBytes: parts[index]?.size ?? 0 })),
  );
  return { algorithm, value: Buffer.from(combined).toString('base64'), type: 'FULL_OBJECT' };
}
