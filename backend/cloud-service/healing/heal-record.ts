import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { BlobReference, BucketRecord, ObjectRecord, PartRecord } from '../../contracts/names.ts';
import type { ObjectAddress } from '../names/names.ts';
import { blobsOf } from '../objects/object-content.ts';
import type { Absences } from './absences.ts';
import type { ByteBudget } from './byte-budget.ts';
import { copyStateOf, workFor, type CopyWork, type MissingCopies } from './copy-states.ts';
import { renameObjectCopies, renamePartCopies, seenBlobs } from './heal-name.ts';
import type { HealingDeps } from './healing-deps.ts';
import { restoreCopies, type RestoredBlob } from './restore-copies.ts';

export interface HealContext {
  readonly deps: HealingDeps;
  readonly absences: Absences;
  readonly budget: ByteBudget;
  readonly signal: AbortSignal;
}

/** What healing one record came to. */
export interface HealedRecord {
  readonly missing: number;
  readonly restored: number;
  readonly restoredBytes: number;
  readonly failed: number;
  readonly unreadable: number;
}

const nothing: HealedRecord = { missing: 0, restored: 0, restoredBytes: 0, failed: 0, unreadable: 0 };

/** A record of the local store that refers to blobs. */
export type BlobHolder =
  | { readonly kind: 'object'; readonly address: ObjectAddress; readonly record: ObjectRecord }
  | { readonly kind: 'part'; readonly address: ObjectAddress; readonly record: PartRecord };

/** The blobs that the record itself names; what a manifest lists is read only when there is a reason. */
export function namedBlobs(holder: BlobHolder): readonly BlobReference[] {
  return holder.kind === 'part' ? [holder.record.blob] : seenBlobs(holder.record.content);
}

export function worksOf(context: HealContext, bucket: BucketRecord, blobs: readonly BlobReference[], missing: MissingCopies): CopyWork[] {
  const { deps, absences } = context;
  const look = {
    cluster: deps.cluster,
    absences,
    downAfterMs: deps.settings.downAfterMs,
    missing,
    ...(deps.plants && { plants: deps.plants }),
  };
  return blobs.flatMap((blob) => {
    const copies = blob.nodes.map((nodeId) => ({ nodeId, state: copyStateOf(look, blob, nodeId) }));
    return workFor(deps.cluster, bucket.policy, blob, copies) ?? [];
  });
}

/**
 * Heals what one record refers to. The local row only gave the hint: the record is read again first,
 * and the change at the end refuses if it is another by then.
 */
export async function healRecord(
  context: HealContext,
  bucket: BucketRecord,
  holder: BlobHolder,
  missing: MissingCopies,
): Promise<HealedRecord> {
  const fresh = await readAgain(context.deps, bucket, holder);
  if (fresh === undefined) return nothing;
  const named = namedBlobs(fresh);
  const listed = await listedBlobs(context.deps, fresh);
  const works = worksOf(context, bucket, [...named, ...listed], missing);
  const changed = new Map<string, RestoredBlob>();
  let result = nothing;
  for (const work of works) {
    if (context.signal.aborted) return result;
    const restored = await restoreCopies(context.deps, context.budget, bucket.policy, work, context.signal);
    result = {
      missing: result.missing + work.restoreAt.length + work.more,
      restored: result.restored + restored.restored,
      restoredBytes: result.restoredBytes + restored.restored * work.blob.size,
      failed: result.failed + restored.failed,
      unreadable: result.unreadable + (restored.unreadable ? 1 : 0),
    };
    if (!sameNodes(work.blob.nodes, restored.nodes)) changed.set(work.blob.id, restored);
  }
  if (changed.size === 0) return result;
  const renamed = await rename(context.deps, bucket, fresh, listed, changed);
  if (renamed.ok || renamed.failure.code === 'Conflict' || renamed.failure.code === 'NoSuchBucket') return result;
  context.deps.logger.debug({ code: renamed.failure.code }, `new copies could not be named yet: ${renamed.failure.message}`);
  return { ...result, failed: result.failed + 1 };
}

async function readAgain(deps: HealingDeps, bucket: BucketRecord, holder: BlobHolder): Promise<BlobHolder | undefined> {
  const { objects, parts } = deps.names.objects;
  if (holder.kind === 'object') {
    const found = await objects.read(bucket, holder.address);
    return found.ok && found.value ? { ...holder, record: found.value.record } : undefined;
  }
  const found = await parts.read(bucket, holder.address);
  return found.ok && found.value ? { ...holder, record: found.value.record } : undefined;
}

/** Blobs in the manifest of a long object; none while the manifest cannot be read: first it is healed itself. */
async function listedBlobs(deps: HealingDeps, holder: BlobHolder): Promise<readonly BlobReference[]> {
  if (holder.kind !== 'object' || holder.record.content.kind !== 'manifest') return [];
  const listed = await blobsOf(deps, holder.record.content);
  return listed.ok ? listed.value : [];
}

function rename(
  deps: HealingDeps,
  bucket: BucketRecord,
  holder: BlobHolder,
  listed: readonly BlobReference[],
  changed: ReadonlyMap<string, RestoredBlob>,
): Promise<Outcome<void>> {
  if (holder.kind === 'part') return renamePartCopies(deps, bucket, holder.address, holder.record.blob, changed);
  return holder.record.content.kind === 'inline'
    ? Promise.resolve(success(undefined))
    : renameObjectCopies(deps, bucket, holder.address, holder.record.content, changed, listed);
}

function sameNodes(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((id) => right.includes(id));
}
