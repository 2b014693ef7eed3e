import type { RegisterKey } from '../../register/register-store.ts';
import { keysAbovePart } from '../names/name-keys.ts';
import type { BlobRemover } from '../objects/blob-remover.ts';
import type { HealingDeps } from './healing-deps.ts';
import type { WalkedRow } from './walk-names.ts';

/**
 * Lets go of a row that a deleted bucket has left behind: an upload, a part, or an object that came too
 * late and that nobody can see. A part's bytes go at once, after everything that may have taken them over;
 * any others are the sweep's.
 */
export async function clearGoneRow(deps: HealingDeps, remover: BlobRemover, row: WalkedRow): Promise<void> {
  const part = row.kind === 'holder' && row.holder.kind === 'part' ? row.holder.address : undefined;
  const above = part?.uploadId === undefined ? [] : keysAbovePart(row.key, { key: part.key, uploadId: part.uploadId });
  for (const key of above) if (!(await discard(deps, key)).ok) return;
  const discarded = await discard(deps, row.key);
  const record = discarded.ok ? discarded.value : null;
  if (record?.kind === 'part') remover.remove([record.blob, ...(record.superseded ?? [])]);
}

async function discard(deps: HealingDeps, key: RegisterKey): ReturnType<HealingDeps['names']['objects']['discard']> {
  const discarded = await deps.names.objects.discard(key);
  if (!discarded.ok)
    deps.logger.debug({ code: discarded.failure.code }, `a row of a deleted bucket stays for now: ${discarded.failure.message}`);
  return discarded;
}
