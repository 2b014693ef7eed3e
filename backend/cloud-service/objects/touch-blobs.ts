import { maxTouchedBlobs } from '../../base/blob-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import { FailureError, failed, success } from '../../base/outcome.ts';
import type { CatalogueFailure } from '../../contracts/errors.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf, manifestOf, type ObjectContent } from './object-content.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/** What a holder that cannot be asked means: `refuse` the change, or go on if another copy of the blob answered. */
export type SilentHolders = 'refuse' | 'tolerate';

/**
 * Asks every node that is about to be named for a copy whether it may be: a copy that the sweep has
 * condemned, or that is gone, must not get into a record any more. Runs between prepare and accept.
 *
 * `tolerate` is for blobs that another record refers to until the change is done (the parts of an
 * upload): the sweep of a silent holder finds that reference, so it cannot have condemned the copy.
 */
export async function touchBlobs(
  deps: ObjectsDeps,
  blobs: readonly BlobReference[],
  silentHolders: SilentHolders = 'refuse',
): Promise<Outcome<void, CatalogueFailure>> {
  const byNode = new Map<string, string[]>();
  for (const blob of blobs) {
    for (const nodeId of blob.nodes) {
      const ids = byNode.get(nodeId);
      if (ids) ids.push(blob.id);
      else byNode.set(nodeId, [blob.id]);
    }
  }
  const answers = await Promise.all([...byNode].map(async ([nodeId, ids]) => ({ nodeId, touched: await touchAt(deps, nodeId, ids) })));
  const silent = new Set<string>();
  for (const { nodeId, touched } of answers) {
    if (touched.kind === 'gone') return failed(spokenFailure('Busy', fileRefusalSentence('copyGone', { blob: touched.id })));
    if (touched.kind === 'silent') silent.add(nodeId);
  }
  const tooSilent = (blob: BlobReference): boolean =>
    silentHolders === 'refuse' ? blob.nodes.some((nodeId) => silent.has(nodeId)) : blob.nodes.every((nodeId) => silent.has(nodeId));
  const unasked = silent.size === 0 ? undefined : blobs.find(tooSilent);
  if (unasked === undefined) return success(undefined);
  return failed(spokenFailure('QuorumUnavailable', fileRefusalSentence('copiesSilent', { blob: unasked.id })));
}

/** The same for all blobs of an object, those that a manifest lists included. */
export async function touchContent(deps: ObjectsDeps, content: ObjectContent): Promise<Outcome<void, CatalogueFailure>> {
  const blobs = await blobsOf(deps, content);
  if (!blobs.ok) return failed(spokenFailure('QuorumUnavailable', fileRefusalSentence('unreadableManifest', {}, passedOn(blobs.failure))));
  return touchBlobs(deps, [...blobs.value, ...manifestOf(content)], 'tolerate');
}

type Touched = { readonly kind: 'all' | 'silent' } | { readonly kind: 'gone'; readonly id: string };

async function touchAt(deps: ObjectsDeps, nodeId: string, ids: readonly string[]): Promise<Touched> {
  for (let from = 0; from < ids.length; from += maxTouchedBlobs) {
    const refused = await touchOnce(deps, nodeId, ids.slice(from, from + maxTouchedBlobs));
    if (!refused.ok) return { kind: 'silent' };
    const first = refused.value[0];
    if (first !== undefined) return { kind: 'gone', id: first };
  }
  return { kind: 'all' };
}

/** Those of `ids` (at most 1,000) that may not be named as copies on the node. */
export async function touchOnce(deps: ObjectsDeps, nodeId: string, ids: readonly string[]): Promise<Outcome<readonly string[]>> {
  const { blobs, blobPeers, cluster } = deps;
  if (nodeId !== cluster.selfId) return blobPeers.touch(nodeId, ids);
  try {
    return success(await blobs.touch(ids));
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure);
    throw error;
  }
}
