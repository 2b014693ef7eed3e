import { FailureError } from '../base/outcome.ts';

/** Whether a commit failed because the Controller's disk has no room: nothing of it was kept, and a later one may succeed. */
export function isStorageFull(error: unknown): boolean {
  return error instanceof FailureError && error.failure.code === 'StorageFull';
}
