import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import type { BlobReference } from '../../contracts/names.ts';
import { failureOf } from '../objects/blob-copy.ts';
import { touchOnce } from '../objects/touch-blobs.ts';
import type { ByteBudget } from './byte-budget.ts';
import type { HealingDeps } from './healing-deps.ts';

/**
 * Makes one copy of a blob on `target` from the first of `sources` that can be read whole. The bytes
 * are checked on the way (every piece by its source), the copy is durable when this succeeds.
 */
export async function copyBlob(
  deps: HealingDeps,
  budget: ByteBudget,
  blob: BlobReference,
  request: { sources: readonly string[]; target: string; signal: AbortSignal },
): Promise<Outcome<void>> {
  let last: Outcome<void> = failed(failure('QuorumUnavailable', `No copy of blob ${blob.id} can be read.`));
  for (const source of request.sources) {
    if (source === request.target || request.signal.aborted) continue;
    last = await copyFrom(deps, budget, blob, source, request.target, request.signal);
    if (last.ok || last.failure.code === 'StorageFull') return last;
  }
  return last;
}

async function copyFrom(
  deps: HealingDeps,
  budget: ByteBudget,
  blob: BlobReference,
  source: string,
  target: string,
  signal: AbortSignal,
): Promise<Outcome<void>> {
  const { blobs, blobPeers, cluster } = deps;
  try {
    const opened = source === cluster.selfId ? await blobs.read(blob.id) : await blobPeers.read(source, blob.id, { signal });
    if (!opened.ok) return opened;
    const { info, content } = opened.value;
    if (info.size !== blob.size)
      return failed(
        failure('BlobDamaged', `The copy of blob ${blob.id} on node ${source} has ${info.size} bytes instead of ${blob.size}.`),
      );
    const paced = budget.pace(content, signal);
    const written =
      target === cluster.selfId
        ? await blobs.write(blob.id, paced, info.owner)
        : await blobPeers.write(target, blob.id, paced, { owner: info.owner, signal });
    await paced.return(undefined);
    if (written.ok) {
      if (written.value.size === blob.size) return success(undefined);
      return failed(failure('IncompleteBody', `Blob ${blob.id} arrived at node ${target} with ${written.value.size} bytes.`));
    }
    return written.failure.code === 'BlobExists' ? isThere(deps, target, blob.id) : written;
  } catch (error) {
    return failed(failureOf(error));
  }
}

/** Somebody else was quicker, or it had been there all the time. */
async function isThere(deps: HealingDeps, target: string, id: string): Promise<Outcome<void>> {
  const refused = await touchOnce(deps, target, [id]);
  if (!refused.ok) return refused;
  return refused.value.length === 0
    ? success(undefined)
    : failed(failure('Busy', `Blob ${id} on node ${target} is about to be swept. It is copied the next time.`));
}
