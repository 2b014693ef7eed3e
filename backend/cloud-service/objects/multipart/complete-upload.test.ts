import { describe, expect, it } from 'vitest';
import { unwrap } from '../../../base/outcome.ts';
import { codeOf, inPieces, readBack, someBytes } from '../testing/bodies.ts';
import { createObjectCluster, type ObjectCluster } from '../testing/object-cluster.ts';

const bytes = someBytes(100_000);
const metadata = { headers: {}, user: {} };

async function uploadOnePart(cluster: ObjectCluster) {
  const { first, bucket } = cluster;
  const { uploadId } = unwrap(await first.objects.createUpload(bucket, 'k', metadata));
  const address = { key: 'k', uploadId };
  const part = unwrap(await first.objects.putPart({ bucket, ...address, partNumber: 1, body: inPieces(bytes), expected: {} }));
  return { address, part, choice: [{ partNumber: 1, etag: part.etag }] };
}

describe('Complete', () => {
  it('does not wait for a node that is away while another copy of each part answers', async () => {
    const cluster = await createObjectCluster({ size: 3 });
    const { address, part, choice } = await uploadOnePart(cluster);
    const away = part.blob.nodes.find((id) => id !== cluster.first.id) ?? '';
    cluster.setDown(away, true);
    unwrap(await cluster.first.objects.completeUpload(cluster.bucket, address, choice));
    expect(await readBack(cluster.first.objects, cluster.bucket, 'k')).toEqual(Buffer.from(bytes));
  });

  it('is refused when a copy that answers is condemned, and when none answers', async () => {
    const cluster = await createObjectCluster({ size: 5, zones: 5 });
    const { address, part, choice } = await uploadOnePart(cluster);
    const holders = cluster.nodes.filter((node) => part.blob.nodes.includes(node.id));
    unwrap(await (holders[0] as (typeof holders)[number]).store.condemn(part.blob.id));
    expect(codeOf(await cluster.first.objects.completeUpload(cluster.bucket, address, choice))).toBe('Busy');
    unwrap(await (holders[0] as (typeof holders)[number]).store.pardon(part.blob.id));
    for (const holder of holders) cluster.setDown(holder.id, true);
    const gateway = cluster.nodes.find((node) => !holders.includes(node));
    expect(codeOf(await (gateway as (typeof holders)[number]).objects.completeUpload(cluster.bucket, address, choice))).not.toBe('ok');
  });
});
