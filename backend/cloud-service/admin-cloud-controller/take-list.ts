import type { Logger } from '../../base/logger.ts';
import type { MembershipList } from './membership-list.ts';

/** Takes over a list from the Controller; gives the version to ask it for next where one is missing. */
export async function takeList(
  deps: { readonly membership: Pick<MembershipList, 'apply'>; readonly logger: Logger },
  update: unknown,
): Promise<number | undefined> {
  const { membership, logger } = deps;
  const applied = await membership.apply(update);
  if (!applied.ok) logger.warn({ code: applied.failure.code }, `a list of Cloud Services was refused: ${applied.failure.message}`);
  else if (applied.value.kind === 'gap') return applied.value.version;
  else if (applied.value.kind === 'other-history')
    logger.warn({ held: applied.value.version }, 'a list of Cloud Services does not follow from ours; the Controller fetches that');
  return undefined;
}
