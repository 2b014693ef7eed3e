import type { Disposable } from '../../base/lifecycle.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import { failed } from '../../base/outcome.ts';
import { BlobRemover } from './blob-remover.ts';
import { copyObject } from './copy-object.ts';
import { getObject, headObject } from './get-object.ts';
import { listObjects } from './list-objects.ts';
import { createMultipart } from './multipart/create-multipart.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { Objects } from './objects.ts';
import { putObject } from './put-object.ts';
import { removeObject } from './remove-object.ts';

/** Whole objects over names and blobs. Holds no state but bounded queues of blobs to remove; disposing gives up what waits in them. */
export function createObjects(deps: ObjectsDeps): Objects & Disposable {
  const remover = new BlobRemover(deps);
  return {
    dispose: () => remover.dispose(),
    put: (request) => putObject(deps, remover, request),
    head: (bucket, key) => headObject(deps, bucket, key),
    get: (bucket, key, select, options) => getObject(deps, bucket, key, select, options ?? {}),
    remove: (bucket, key, condition) => removeObject(deps, remover, bucket, key, condition),
    copy: (request) => copyObject(deps, remover, request),
    list: (bucket, options) =>
      options.limit < 1
        ? Promise.resolve(failed(spokenFailure('InvalidArgument', fileRefusalSentence('noEntries', { limit: options.limit }))))
        : listObjects(deps, bucket, options),
    ...createMultipart(deps, remover),
  };
}
