import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { BucketRecord, ObjectMetadata, UploadRecord } from '../../../contracts/names.ts';
import { newId } from '../new-id.ts';
import type { ObjectsDeps } from '../objects-deps.ts';

export async function createUpload(
  deps: ObjectsDeps,
  bucket: BucketRecord,
  key: string,
  metadata: ObjectMetadata,
  checksum: { algorithm: string; type: string } | undefined,
): Promise<Outcome<UploadRecord>> {
  const record: UploadRecord = {
    format: 1,
    kind: 'upload',
    bucket: bucket.name,
    key,
    uploadId: newId(deps.random),
    state: 'open',
    startedAtMs: deps.clock.nowMs(),
    metadata,
    ...(checksum ? { checksumAlgorithm: checksum.algorithm, checksumType: checksum.type } : {}),
    generation: bucket.generation,
  };
  const changed = await deps.names.objects.uploads.change(bucket, { key, uploadId: record.uploadId }, newId(deps.random), () => ({
    kind: 'write',
    record,
  }));
  return changed.ok ? success(record) : changed;
}
