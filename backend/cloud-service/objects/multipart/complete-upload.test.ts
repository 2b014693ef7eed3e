import { describe, expect, it } from 'vitest';
import { success, unwrap } from '../../../base/outcome.ts';
import type { PartRecord } from '../../../contracts/names.ts';
import type { Names } from '../../names/names.ts';
import { blobsOf } from '../object-content.ts';
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

/** A cluster in which every upload has these parts, without anybody having sent them. */
async function clusterWithParts(parts: readonly PartRecord[]): Promise<ObjectCluster> {
  const wrapNames = (names: Names): Names => ({
    ...names,
    objects: {
      ...names.objects,
      parts: { ...names.objects.parts, change: () => Promise.resolve(success({ previous: null, run: 0, mark: new Uint8Array(0) })) },
      listParts: (_bucket, _address, { after, limit }) => {
        const rows = parts.filter((part) => part.partNumber > after).slice(0, limit);
        return Promise.resolve(success({ rows, more: (rows.at(-1)?.partNumber ?? 0) < parts.length }));
      },
    },
  });
  const cluster = await createObjectCluster({ size: 3, wrapNames });
  for (const { blob } of parts)
    for (const node of cluster.nodes) if (blob.nodes.includes(node.id)) node.store.blobs.set(blob.id, new Uint8Array(1));
  return cluster;
}

describe('Complete', () => {
  it('takes 10,000 parts: their list lies in a blob, and the records stay small', async () => {
    const nodes = ['0000000000000001', '0000000000000002'];
    const parts = Array.from({ length: 10_000 }, (_, index): PartRecord => {
      const id = (index + 1).toString(16).padStart(32, '0');
      const size = 5 * 1024 * 1024 + index;
      return { format: 1, kind: 'part', partNumber: index + 1, size, etag: id, lastModifiedMs: 1, blob: { id, size, nodes } };
    });
    const { first, second, bucket, registers } = await clusterWithParts(parts);
    const { uploadId } = unwrap(await first.objects.createUpload(bucket, 'k', metadata));
    const choice = parts.map(({ partNumber, etag }) => ({ partNumber, etag }));
    const result = unwrap(await first.objects.completeUpload(bucket, { key: 'k', uploadId }, choice));
    expect(result.etag).toMatch(/-10000$/);
    expect(result.size).toBe(parts.reduce((sum, part) => sum + part.size, 0));
    expect(unwrap(await second.objects.completeUpload(bucket, { key: 'k', uploadId }, choice))).toEqual(result);
    const record = unwrap(await second.objects.head(bucket, 'k'));
    expect(unwrap(await blobsOf(second.deps, record.content))).toEqual(parts.map((part) => part.blob));
    const rows = registers.nodes[0]?.store.walk({ ring: 'object', fromHash: 0, toHash: 0xffff_ffff, limit: 100 }) ?? [];
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.head.length).toBeLessThan(4096);
  });

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

  it('is told that it took effect when it is sent again after the upload was cleared away, and no other is', async () => {
    const cluster = await createObjectCluster();
    const { first, second, bucket } = cluster;
    const { address, choice } = await uploadOnePart(cluster);
    const result = unwrap(await first.objects.completeUpload(bucket, address, choice));
    unwrap(await first.names.objects.uploads.change(bucket, address, 'e'.repeat(32), () => ({ kind: 'delete' })));
    expect(unwrap(await second.objects.completeUpload(bucket, address, choice))).toEqual(result);
    const other = { key: 'k', uploadId: 'f'.repeat(32) };
    expect(codeOf(await second.objects.completeUpload(bucket, other, choice))).toBe('NoSuchUpload');
    unwrap(await first.objects.put({ bucket, key: 'k', body: inPieces(bytes), expected: {}, metadata }));
    expect(unwrap(await second.objects.completeUpload(bucket, address, choice)).etag).toBe(result.etag);
    expect((await readBack(second.objects, bucket, 'k')).length).toBe(bytes.length);
  });
});
