import type { Logger } from '../../base/logger.ts';
import { failed, type Outcome } from '../../base/outcome.ts';
import { admissionSentence } from '../../contracts/admission-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { isStorageFull } from '../storage-full.ts';

/** What becomes of a node's call that the Controller's disk does not take. */
const consequences = {
  join: 'diskFullAtJoin',
  announce: 'diskFullAtAnnounce',
  'renew-certificate': 'diskFullAtRenewal',
} as const;

/**
 * The outcome of `task`, or `StorageFull` in words for whoever called: what the store says is about a file of the
 * Controller, which would look like one of the node's own. That goes to the Controller's log.
 */
export async function unlessDiskIsFull<T>(
  logger: Logger,
  method: keyof typeof consequences,
  task: () => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  try {
    return await task();
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    logger.error({ error: error instanceof Error ? error.message : String(error), method }, 'refused: the disk is full');
    return failed(spokenFailure('StorageFull', admissionSentence(consequences[method], {})));
  }
}
