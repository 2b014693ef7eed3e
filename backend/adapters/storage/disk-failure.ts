import type { Sentence } from '../../contracts/spoken.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { causeOf, codeOf } from './sqlite-errors.ts';

/** Carries that bytes or names could not be made durable: after that nobody knows what the disk holds. */
class SyncFailed extends Error {
  readonly said: Sentence;
  constructor(said: Sentence) {
    super(said.sentence);
    this.said = said;
  }
}

/**
 * Runs an fsync; what it fails with is told apart from every other error. A disk that is merely full is no failure of the sync,
 * nor is a directory that could not be opened for it. `folder`: the directory; null: a blob.
 */
export async function synced(folder: string | null, sync: () => Promise<void>): Promise<void> {
  try {
    await sync();
  } catch (error) {
    if (isFull(error) || isOutOfDescriptors(error)) throw error;
    const reason = causeOf(error);
    throw new SyncFailed(folder === null ? storageSentence('syncOfBlob', { reason }) : storageSentence('syncOf', { path: folder, reason }));
  }
}

export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');
}

/** The process, or the machine, has too many files open: it passes, and says nothing about the disk or the file. */
export function isOutOfDescriptors(error: unknown): boolean {
  return ['EMFILE', 'ENFILE'].includes(codeOf(error) ?? '');
}

// The device does not take writes any more: trying again would only pretend.
const brokenDisk = new Set(['EIO', 'EROFS', 'ENXIO', 'ENODEV', 'EUCLEAN']);

/** Whether a failed *write* means that the disk cannot be trusted with another one. */
export function isDiskFailure(error: unknown): boolean {
  return error instanceof SyncFailed || brokenDisk.has(codeOf(error) ?? '');
}

/** What a failed change of the disk says, for people. */
export function diskCause(error: unknown): Sentence {
  return error instanceof SyncFailed ? error.said : causeOf(error);
}
