import { expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf, contentOf } from './object-content.ts';
import { codeOf } from './testing/bodies.ts';
import { createObjectCluster } from './testing/object-cluster.ts';

it('a manifest that breaks off in its midst on every copy is a failure to tell, not a defect', async () => {
  const cluster = await createObjectCluster();
  const { first, bucket } = cluster;
  const blobs: BlobReference[] = Array.from({ length: 2_000 }, (_, index) => ({
    id: index.toString(16).padStart(32, '0'),
    size: 40,
    nodes: [first.id],
  }));
  const content = unwrap(await contentOf(first.deps, bucket.policy, blobs, ''));
  if (content.kind !== 'manifest') throw new Error('2,000 blobs should need a manifest');
  expect(unwrap(await blobsOf(first.deps, content))).toEqual(blobs);
  // The first piece comes, so the break is met only while the rest is read.
  for (const node of cluster.nodes) node.store.fault = { kind: 'read-breaks', afterBytes: 64 * 1024 };
  expect(codeOf(await blobsOf(first.deps, content))).toBe('QuorumUnavailable');
});
