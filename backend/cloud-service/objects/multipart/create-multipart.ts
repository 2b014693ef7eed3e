import type { BlobRemover } from '../blob-remover.ts';
import type { ObjectsDeps } from '../objects-deps.ts';
import type { Objects } from '../objects.ts';
import { abortUpload } from './abort-upload.ts';
import { completeUpload } from './complete-upload.ts';
import { createUpload } from './create-upload.ts';
import { listParts, listUploads } from './list-uploads.ts';
import { putPart } from './put-part.ts';

export type Multipart = Pick<Objects, 'createUpload' | 'putPart' | 'completeUpload' | 'abortUpload' | 'listParts' | 'listUploads'>;

/** Multipart uploads: the upload is a register, each part its own; any node can continue any step. */
export function createMultipart(deps: ObjectsDeps, remover: BlobRemover): Multipart {
  return {
    createUpload: (bucket, key, metadata, checksum) => createUpload(deps, bucket, key, metadata, checksum),
    putPart: (request) => putPart(deps, remover, request),
    completeUpload: (bucket, address, parts, condition, expected) =>
      completeUpload(deps, remover, { bucket, ...address, parts, condition, expected }),
    abortUpload: (bucket, address) => abortUpload(deps, remover, bucket, address),
    listParts: (bucket, address, options) => listParts(deps, bucket, address, options),
    listUploads: (bucket, options) => listUploads(deps, bucket, options),
  };
}
