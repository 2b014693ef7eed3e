import { createHash } from 'node:crypto';
import { concatBytes, type ByteStream } from '../../../base/bytes.ts';
import { failed, success, type Outcome } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';
import type { BucketRecord, ObjectMetadata, PartRecord, UploadRecord } from '../../../contracts/names.ts';
import type { Objects, PutResult } from '../../objects/objects.ts';

interface OpenUpload {
  readonly record: UploadRecord;
  readonly parts: Map<number, { etag: string; bytes: Uint8Array }>;
}

/** Uploads in parts, in memory; `store` puts the whole together. */
export function createMemoryUploads(
  store: (bucket: BucketRecord, key: string, bytes: Uint8Array, metadata: ObjectMetadata) => PutResult,
): Pick<Objects, 'createUpload' | 'putPart' | 'completeUpload' | 'abortUpload'> & { readonly open: number } {
  const uploads = new Map<string, OpenUpload>();
  let lastId = 0;
  const find = (key: string, uploadId: string): Outcome<OpenUpload> => {
    const found = uploads.get(uploadId);
    return found?.record.key === key ? success(found) : failed(failure('NoSuchUpload', `There is no upload "${uploadId}".`));
  };

  return {
    get open() {
      return uploads.size;
    },
    createUpload(_bucket, key, metadata) {
      const record: UploadRecord = {
        format: 1,
        kind: 'upload',
        key,
        uploadId: `upload-${++lastId}`,
        state: 'open',
        startedAtMs: 0,
        metadata,
        generation: 1,
      };
      uploads.set(record.uploadId, { record, parts: new Map() });
      return Promise.resolve(success(record));
    },
    async putPart({ key, uploadId, partNumber, body }) {
      const upload = find(key, uploadId);
      if (!upload.ok) return upload;
      const bytes = await wholeOf(body);
      const etag = createHash('md5').update(bytes).digest('hex');
      upload.value.parts.set(partNumber, { etag, bytes });
      const record: PartRecord = {
        format: 1,
        kind: 'part',
        partNumber,
        size: bytes.length,
        etag,
        lastModifiedMs: 0,
        blob: { id: '0'.repeat(32), size: bytes.length, nodes: ['0'.repeat(16)] },
      };
      return success(record);
    },
    completeUpload(bucket, { key, uploadId }, parts, _condition, expected) {
      const upload = find(key, uploadId);
      if (!upload.ok) return Promise.resolve(upload);
      const pieces = parts.map(({ partNumber, etag }) => {
        const part = upload.value.parts.get(partNumber);
        return part?.etag === etag ? part.bytes : null;
      });
      const whole = pieces.filter((piece) => piece !== null);
      if (whole.length < pieces.length) return Promise.resolve(failed(failure('InvalidPart', 'A part is not what was stored.')));
      const bytes = concatBytes(whole);
      if (expected?.size !== undefined && expected.size !== bytes.length)
        return Promise.resolve(failed({ code: 'InvalidRequest', message: `${bytes.length} bytes instead of ${expected.size}.` }));
      uploads.delete(uploadId);
      return Promise.resolve(success(store(bucket, key, bytes, upload.value.record.metadata)));
    },
    abortUpload(_bucket, { key, uploadId }) {
      const upload = find(key, uploadId);
      if (!upload.ok) return Promise.resolve(upload);
      uploads.delete(uploadId);
      return Promise.resolve(success(undefined));
    },
  };
}

async function wholeOf(body: ByteStream): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return concatBytes(pieces);
}
