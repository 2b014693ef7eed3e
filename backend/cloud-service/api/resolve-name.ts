import { success, type Outcome } from '../../base/outcome.ts';
import type { ResolveAnswer } from '../../contracts/cluster-messages.ts';
import type { RingName } from '../../contracts/ids.ts';
import { resolveSentence } from '../../contracts/resolve-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { BlobReference, BucketRecord, ObjectRecord } from '../../contracts/names.ts';
import type { NameHasher } from '../../ring/name-hasher.ts';
import { partitionOf } from '../../ring/lookup.ts';
import type { ClusterMap } from '../admin-cloud-controller/cluster-map.ts';
import type { EpochState } from '../admin-cloud-controller/epoch-state.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import { accountKey, bucketKey, objectRingKey } from '../names/name-keys.ts';
import type { Names } from '../names/names.ts';

export interface ResolveDeps {
  readonly names: Names;
  readonly hasher: NameHasher;
  readonly epochs: EpochState;
  readonly cluster: ClusterMap;
}

type Step = ResolveAnswer['steps'][number];

/** The way of a bucket and key through the three rings, freshly read, for people to follow. */
export async function resolveName(deps: ResolveDeps, request: { bucket: string; key?: string }): Promise<Outcome<ResolveAnswer>> {
  const { names, hasher, epochs } = deps;
  const container = (found: boolean, summary: Sentence): Step =>
    step(deps, { ring: 'container', hash: bucketKey(hasher, request.bucket).hash, name: request.bucket, found, summary });
  const bucket = await names.buckets.resolve(request.bucket, { fresh: true });
  if (!bucket.ok) {
    if (bucket.failure.code !== 'NoSuchBucket') return bucket;
    return success({ epoch: epochs.epoch, steps: [container(false, resolveSentence('noBucket', {}))], copies: [], inline: false });
  }
  const owner = await names.accounts.byName(bucket.value.ownerName, { fresh: true });
  if (!owner.ok && owner.failure.code !== 'NoSuchAccount') return owner;
  const steps: Step[] = [
    step(deps, {
      ring: 'account',
      hash: accountKey(hasher, bucket.value.ownerName).hash,
      name: bucket.value.ownerName,
      found: owner.ok,
      summary: owner.ok
        ? resolveSentence('account', { id: owner.value.id, buckets: owner.value.buckets.length })
        : resolveSentence('noOwner', {}),
    }),
    container(
      true,
      resolveSentence('bucket', {
        id: bucket.value.id,
        owner: bucket.value.ownerName,
        shards: bucket.value.shards,
        copies: bucket.value.policy.copies,
      }),
    ),
  ];
  if (request.key === undefined) return success({ epoch: epochs.epoch, steps, copies: [], inline: false });
  return resolveObject(deps, bucket.value, request.key, steps);
}

async function resolveObject(deps: ResolveDeps, bucket: BucketRecord, key: string, before: Step[]): Promise<Outcome<ResolveAnswer>> {
  const { names, hasher, epochs, cluster } = deps;
  const found = await names.objects.objects.read(bucket, { key });
  if (!found.ok) return found;
  const record = found.value?.record;
  const summary =
    record === undefined
      ? resolveSentence('noObject', {})
      : resolveSentence(`${record.content.kind}Object`, { size: record.size, etag: record.etag });
  const steps = [
    ...before,
    step(deps, {
      ring: 'object',
      hash: objectRingKey(hasher, bucket, 'object', { key }).hash,
      name: `${bucket.name}/${key}`,
      found: record !== undefined,
      summary,
    }),
  ];
  const copies = blobsOf(record).map((blob) => ({
    blobId: blob.id,
    size: blob.size,
    nodes: blob.nodes.map((nodeId) => ({ nodeId, name: cluster.node(nodeId)?.name ?? nodeId })),
  }));
  return success({ epoch: epochs.epoch, steps, copies, inline: record?.content.kind === 'inline' });
}

function blobsOf(record: ObjectRecord | undefined): readonly BlobReference[] {
  if (record === undefined || record.content.kind === 'inline') return [];
  return record.content.kind === 'manifest' ? [record.content.manifest] : record.content.blobs;
}

function step(deps: ResolveDeps, at: { ring: RingName; hash: number; name: string; found: boolean; summary: Sentence }): Step {
  const { active } = deps.epochs;
  const { ring: ringName, hash, name, found, summary } = at;
  const said = { found, summary: summary.sentence, spokenSummary: summary };
  if (active === null) return { ring: ringName, name, partition: 0, replicas: [], ...said };
  const ring = active.rings[ringName];
  const partition = partitionOf(hash, ring.partitionPower);
  const replicas = replicaIds(ring, partition).map((nodeId) => {
    const node = deps.cluster.node(nodeId);
    return { nodeId, name: node?.name ?? nodeId, zone: node?.zone ?? '' };
  });
  return { ring: ringName, name, partition, replicas, ...said };
}
