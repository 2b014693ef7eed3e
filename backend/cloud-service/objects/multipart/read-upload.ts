import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { spokenFailure } from '../../../contracts/errors.ts';
import { fileRefusalSentence } from '../../../contracts/file-refusal-texts.ts';
import type { BucketRecord, PartRecord, UploadRecord } from '../../../contracts/names.ts';
import type { ObjectsDeps } from '../objects-deps.ts';

export interface UploadAddress {
  readonly key: string;
  readonly uploadId: string;
}

export function noSuchUpload(uploadId: string) {
  return failed(spokenFailure('NoSuchUpload', fileRefusalSentence('noUpload', {}), { uploadId }));
}

export function isUploadId(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** The upload in whatever state; `NoSuchUpload` when there is none or it was aborted. */
export async function readUpload(deps: ObjectsDeps, bucket: BucketRecord, address: UploadAddress): Promise<Outcome<UploadRecord>> {
  if (!isUploadId(address.uploadId)) return noSuchUpload(address.uploadId);
  const found = await deps.names.objects.uploads.read(bucket, address);
  if (!found.ok) return found;
  if (!found.value || found.value.record.state === 'aborted') return noSuchUpload(address.uploadId);
  return success(found.value.record);
}

/** The upload while parts may still be added. */
export async function readOpenUpload(deps: ObjectsDeps, bucket: BucketRecord, address: UploadAddress): Promise<Outcome<UploadRecord>> {
  const upload = await readUpload(deps, bucket, address);
  if (upload.ok && upload.value.state !== 'open') return noSuchUpload(address.uploadId);
  return upload;
}

/** All parts in ascending order; at most 10,000. */
export async function readParts(deps: ObjectsDeps, bucket: BucketRecord, address: UploadAddress): Promise<Outcome<PartRecord[]>> {
  const parts: PartRecord[] = [];
  for (;;) {
    const page = await deps.names.objects.listParts(bucket, address, { after: parts.at(-1)?.partNumber ?? 0, limit: 1000 });
    if (!page.ok) return page;
    parts.push(...page.value.rows);
    if (!page.value.more) return success(parts);
    if (page.value.rows.length === 0) return failed(spokenFailure('QuorumUnavailable', fileRefusalSentence('partsUnread', {})));
  }
}
