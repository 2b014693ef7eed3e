import type { Logger } from '../../base/logger.ts';
import { failed, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { isStorageFull } from '../storage-full.ts';

/** What becomes of a node's call that the Controller's disk does not take. */
const consequences = {
  join: 'so this Cloud Service was not let in. Nothing was registered, and the join token is as good as before',
  announce: 'so the announcement was not taken. It is repeated by itself, and this Cloud Service goes on serving',
  'renew-certificate': 'so no certificate was issued. It is asked for again by itself, and the present one stays good',
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
    return failed(
      failure(
        'StorageFull',
        `The disk of the Controller has no space left, ${consequences[method]}. Free space where the Controller keeps its data (its log names the file).`,
      ),
    );
  }
}
