import { expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import { blobOwnerOf } from '../../contracts/blob-owner.ts';
import type { BlobReference, ObjectRecord } from '../../contracts/names.ts';
import { writeManifest } from '../objects/object-content.ts';
import type { HealingDeps } from './healing-deps.ts';
import { ListedHere } from './listed-here.ts';
import { Sweeper } from './sweeper.ts';
import { createHealingCluster, type HealingCluster } from './testing/healing-cluster.ts';

const forever = new AbortController().signal;
const dayMs = 24 * 60 * 60_000;

async function* oneByte(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
}

/** What the first node does, and the blobs that it reads, here or elsewhere. */
function watched(cluster: HealingCluster): { deps: HealingDeps; reads: string[] } {
  const reads: string[] = [];
  const own = cluster.healers[0]?.deps as HealingDeps;
  const deps: HealingDeps = {
    ...own,
    blobs: { ...own.blobs, read: (id, range) => (reads.push(id), own.blobs.read(id, range)) },
    blobPeers: { ...own.blobPeers, read: (nodeId, id, options) => (reads.push(id), own.blobPeers.read(nodeId, id, options)) },
  };
  return { deps, reads };
}

function ids(first: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) => (first + index).toString(16).padStart(32, '0'));
}

it('A sweep reads the list of a long object once for all its parts, and still finds what it does not name on this node', async () => {
  const cluster = await createHealingCluster();
  const { first, second, bucket } = cluster;
  const owner = blobOwnerOf(bucket, { key: 'long' });
  const [here, elsewhere, nowhere] = [ids(0, 150), ids(1_000, 20), ids(2_000, 20)] as const;
  for (const id of [...here, ...elsewhere, ...nowhere]) unwrap(await first.store.write(id, oneByte(), owner));
  const blobs: BlobReference[] = [
    ...here.map((id) => ({ id, size: 1, nodes: [second.id, first.id] })),
    ...elsewhere.map((id) => ({ id, size: 1, nodes: [second.id] })),
  ];
  const manifest = unwrap(await writeManifest(first.deps, bucket.policy, blobs, owner));
  const record: ObjectRecord = {
    format: 1,
    kind: 'object',
    size: blobs.length,
    etag: 'x-170',
    lastModifiedMs: 0,
    metadata: { headers: {}, user: {} },
    content: { kind: 'manifest', manifest },
    bucket: bucket.name,
    generation: bucket.generation,
  };
  unwrap(await first.names.objects.objects.change(bucket, { key: 'long' }, 'cd'.repeat(16), () => ({ kind: 'write', record })));
  cluster.pass(dayMs + 1);
  const { deps, reads } = watched(cluster);
  const sweeper = new Sweeper(deps);
  await sweeper.pass(forever);
  const kept = manifest.nodes.includes(first.id) ? [...here, manifest.id] : here;
  expect([...first.store.blobs.keys()].sort()).toEqual([...kept].sort());
  expect(reads).toEqual([manifest.id]);
  // The next one reads it anew: nothing stays in memory between them.
  await sweeper.pass(forever);
  expect(reads).toEqual([manifest.id, manifest.id]);
});

it('Of the lists those that were asked for last are kept, as many as there may be', async () => {
  const cluster = await createHealingCluster();
  const { first, bucket } = cluster;
  const manifests: BlobReference[] = [];
  for (let list = 0; list < 3; list++) {
    const blobs = ids(list * 1_000, 10).map((id) => ({ id, size: 1, nodes: [first.id] }));
    manifests.push(unwrap(await writeManifest(first.deps, bucket.policy, blobs, '')));
  }
  const [one, two, three] = manifests as [BlobReference, BlobReference, BlobReference];
  const { deps, reads } = watched(cluster);
  const listed = new ListedHere(deps, 25);
  for (const manifest of [one, two, one, three, one, three]) expect(unwrap(await listed.of(manifest)).size).toBe(10);
  expect(reads).toEqual([one.id, two.id, three.id]);
  unwrap(await listed.of(two));
  expect(reads).toEqual([one.id, two.id, three.id, two.id]);
  // A list that is too long by itself is read, and kept until the next one.
  const small = new ListedHere(deps, 5);
  reads.length = 0;
  for (const manifest of [one, one, two, one]) unwrap(await small.of(manifest));
  expect(reads).toEqual([one.id, two.id, one.id]);
});
