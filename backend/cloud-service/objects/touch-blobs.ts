import { maxTouchedBlobs } from '../../base/blob-store.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { CatalogueFailure } from '../../contracts/errors.ts';
import { failure } from '../../contracts/errors.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { blobsOf, manifestOf, type ObjectContent } from './object-content.ts';
import type { ObjectsDeps } from './objects-deps.ts';

/**
 * Asks every node that is about to be named for a copy whether it may be: a copy that the sweep has
 * condemned, or that is gone, must not get into a record any more. Runs between prepare and accept.
 */
export async function touchBlobs(deps: ObjectsDeps, blobs: readonly BlobReference[]): Promise<Outcome<void, CatalogueFailure>> {
  const byNode = new Map<string, string[]>();
  for (const blob of blobs) {
    for (const nodeId of blob.nodes) {
      const ids = byNode.get(nodeId);
      if (ids) ids.push(blob.id);
      else byNode.set(nodeId, [blob.id]);
    }
  }
  const answers = await Promise.all([...byNode].map(([nodeId, ids]) => touchAt(deps, nodeId, ids)));
  return answers.find((answer) => !answer.ok) ?? success(undefined);
}

/** The same for all blobs of an object, those that a manifest lists included. */
export async function touchContent(deps: ObjectsDeps, content: ObjectContent): Promise<Outcome<void, CatalogueFailure>> {
  const blobs = await blobsOf(deps, content);
  if (!blobs.ok) return failed(failure('QuorumUnavailable', `The manifest of the object cannot be read now: ${blobs.failure.message}`));
  return touchBlobs(deps, [...blobs.value, ...manifestOf(content)]);
}

async function touchAt(deps: ObjectsDeps, nodeId: string, ids: readonly string[]): Promise<Outcome<void, CatalogueFailure>> {
  for (let from = 0; from < ids.length; from += maxTouchedBlobs) {
    const refused = await touchOnce(deps, nodeId, ids.slice(from, from + maxTouchedBlobs));
    if (!refused.ok)
      return failed(failure('QuorumUnavailable', `A node that holds a copy cannot be asked about it now: ${refused.failure.message}`));
    const first = refused.value[0];
    if (first !== undefined)
      return failed(failure('Busy', `A copy of blob ${first} is not there any more. Nothing was changed; send the request again.`));
  }
  return success(undefined);
}

/** Those of `ids` (at most 1,000) that may not be named as copies on the node. */
export function touchOnce(deps: ObjectsDeps, nodeId: string, ids: readonly string[]): Promise<Outcome<readonly string[]>> {
  const { blobs, blobPeers, cluster } = deps;
  return nodeId === cluster.selfId ? blobs.touch(ids).then((refused) => success(refused)) : blobPeers.touch(nodeId, ids);
}
