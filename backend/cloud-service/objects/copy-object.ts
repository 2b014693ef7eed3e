import { closeStream } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { BlobRemover } from './blob-remover.ts';
import { getObject } from './get-object.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { CopyObject, PutResult } from './objects.ts';
import { putObject } from './put-object.ts';

/** Reads the source and puts it again: a copy has its own blobs, so neither object depends on the other. */
export async function copyObject(deps: ObjectsDeps, remover: BlobRemover, request: CopyObject): Promise<Outcome<PutResult>> {
  const source = await getObject(
    deps,
    request.source.bucket,
    request.source.key,
    (record) => {
      const allowed = request.select?.(record) ?? success(undefined);
      return allowed.ok ? success({ start: 0, end: record.size }) : allowed;
    },
    {},
  );
  if (!source.ok) return source;
  const { record, content } = source.value;
  const checksumAlgorithm = request.checksumAlgorithm ?? record.checksum?.algorithm;
  try {
    return await putObject(deps, remover, {
      ...request.target,
      body: content,
      expected: { length: record.size, ...(checksumAlgorithm ? { checksumAlgorithm } : {}) },
      metadata: request.metadata ?? record.metadata,
      ...(request.condition ? { condition: request.condition } : {}),
    });
  } finally {
    // What refuses the copy, for want of room for example, has not read it.
    await closeStream(content);
  }
}
