import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { BucketRecord, PartRecord, UploadRecord } from '../../../contracts/names.ts';
import { commonPrefix } from '../list-objects.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { UploadPage } from '../objects.ts';
import type { UploadAddress } from './read-upload.ts';
import { readOpenUpload } from './read-upload.ts';

export async function listParts(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  address: UploadAddress,
  options: { after: number; limit: number },
): Promise<Outcome<{ upload: UploadRecord; parts: PartRecord[]; more: boolean }>> {
  const upload = await readOpenUpload(deps, bucket, address);
  if (!upload.ok) return upload;
  const page = await deps.names.objects.listParts(bucket, address, options);
  return page.ok ? success({ upload: upload.value, parts: page.value.rows, more: page.value.more }) : page;
}

interface UploadListOptions {
  readonly prefix: string;
  readonly delimiter?: string;
  readonly after?: { key: string; uploadId: string };
  readonly limit: number;
}

/** Uploads that are not over, in order of key, folded at the delimiter; uploads and prefixes together are at most `limit`. */
export async function listUploads(deps: ObjectsDeps, bucket: BucketRecord, options: UploadListOptions): Promise<Outcome<UploadPage>> {
  const { prefix, delimiter, limit } = options;
  const uploads: UploadRecord[] = [];
  const commonPrefixes: string[] = [];
  let after = options.after;
  // A page that ended with a common prefix: everything below it has been told.
  let told = delimiter && after ? commonPrefix(after.key, prefix, delimiter) : undefined;
  if (told !== after?.key) told = undefined;
  let next: UploadPage['next'];
  for (;;) {
    const page = await deps.names.objects.listUploads(bucket, { prefix, limit: 1000, ...(after ? { after } : {}) });
    if (!page.ok) return page;
    for (const upload of page.value.rows) {
      after = { key: upload.key, uploadId: upload.uploadId };
      if (upload.state !== 'open' && upload.state !== 'completing') continue;
      const folded = delimiter ? commonPrefix(upload.key, prefix, delimiter) : undefined;
      if (folded !== undefined && folded === told) continue;
      if (uploads.length + commonPrefixes.length >= limit) return success({ uploads, commonPrefixes, next });
      if (folded === undefined) uploads.push(upload);
      else commonPrefixes.push(folded);
      told = folded;
      next = folded === undefined ? { key: upload.key, uploadId: upload.uploadId } : { key: folded, uploadId: '' };
    }
    if (!page.value.more || page.value.rows.length === 0) return success({ uploads, commonPrefixes, next: undefined });
  }
}
