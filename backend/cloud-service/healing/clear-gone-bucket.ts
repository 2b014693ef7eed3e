import type { BlobReference } from '../../contracts/names.ts';
import type { RegisterKey } from '../../register/register-store.ts';
import type { BlobRemover } from '../objects/blob-remover.ts';
import { manifestOf } from '../objects/object-content.ts';
import { removeContent } from '../objects/put-object.ts';
import type { HealingDeps } from './healing-deps.ts';

/**
 * Lets go of a row that a deleted bucket has left behind: an upload, a part, or an object that came too
 * late and that nobody can see. Nothing else names the bytes (contracts/blob-owner.ts), so they go at once.
 */
export async function clearGoneRow(deps: HealingDeps, remover: BlobRemover, key: RegisterKey): Promise<boolean> {
  const discarded = await deps.names.objects.discard(key);
  if (!discarded.ok) {
    deps.logger.debug({ code: discarded.failure.code }, `a row of a deleted bucket stays for now: ${discarded.failure.message}`);
    return false;
  }
  const record = discarded.value;
  if (record?.kind === 'object') removeContent(deps, remover, record, null);
  else if (record?.kind === 'part') remover.remove(copiesOf(record));
  else if (record?.completion?.content) remover.remove(manifestOf(record.completion.content));
  return true;
}

function copiesOf(part: { blob: BlobReference; superseded?: BlobReference[] }): readonly BlobReference[] {
  return [part.blob, ...(part.superseded ?? [])];
}
