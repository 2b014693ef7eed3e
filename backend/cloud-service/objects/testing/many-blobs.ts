import { unwrap } from '../../../base/outcome.ts';
import type { BlobReference, ObjectRecord } from '../../../contracts/names.ts';
import { contentOf } from '../object-content.ts';
import { someBytes } from './bodies.ts';
import type { ObjectCluster } from './object-cluster.ts';

const partBytes = 3_000;

/** An object of so many blobs, two copies of each; up to 100 of them are in the record, more in a manifest. */
export async function putMany({ first, second, bucket }: ObjectCluster, key: string, parts: number): Promise<Uint8Array> {
  const bytes = someBytes(parts * partBytes);
  const blobs: BlobReference[] = [];
  for (let index = 0; index < parts; index++) {
    const id = Buffer.from(`${key} ${index}`).toString('hex').padStart(32, '0');
    const part = bytes.subarray(index * partBytes, (index + 1) * partBytes);
    for (const node of [first, second]) unwrap(await node.store.write(id, oneChunk(part)));
    blobs.push({ id, size: partBytes, nodes: [first.id, second.id] });
  }
  const content = unwrap(await contentOf(first.deps, bucket.policy, blobs, ''));
  const record: ObjectRecord = {
    format: 1,
    kind: 'object',
    size: bytes.length,
    etag: `x-${parts}`,
    lastModifiedMs: 0,
    metadata: { headers: {}, user: {} },
    content,
    generation: bucket.generation,
  };
  const id = Buffer.from(key).toString('hex').padStart(32, '0');
  unwrap(await first.names.objects.objects.change(bucket, { key }, id, () => ({ kind: 'write', record })));
  return bytes;
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
