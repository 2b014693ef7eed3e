import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renameInto, type BlobFolders, type DiskSync } from './blob-folders.ts';
import { codeOf } from './sqlite-errors.ts';

/**
 * Marks of condemnation: an empty file each, so that they survive a crash.
 *
 * Invariant: a mark that `add` has answered is on disk; an id is in the set from before `add` begins
 * to write until after `remove` or `drop`, so a touch never slips in between.
 */
export class CondemnedMarks {
  readonly #folders: BlobFolders;
  readonly #sync: DiskSync;
  readonly #ids: Set<string>;

  constructor(folders: BlobFolders, sync: DiskSync, ids: Iterable<string>) {
    this.#folders = folders;
    this.#sync = sync;
    this.#ids = new Set(ids);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  all(): readonly string[] {
    return [...this.#ids];
  }

  async add(id: string): Promise<void> {
    this.#ids.add(id);
    await writeFile(join(this.#folders.condemned, id), '', { mode: 0o600 });
    await this.#sync.directory(this.#folders.condemned);
  }

  /** Not made durable: a mark that comes back after a crash is only looked at once more. */
  async remove(id: string): Promise<void> {
    if (!this.#ids.has(id)) return;
    await unlink(join(this.#folders.condemned, id)).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    this.#ids.delete(id);
  }
}

/** Moves a file to the quarantine durably. The names are ids: a second damage of the same blob replaces the first. */
export async function moveToQuarantine(folders: BlobFolders, sync: DiskSync, id: string): Promise<void> {
  await renameInto(folders.pathOf(id), join(folders.quarantine, id));
  await sync.directory(folders.folderOf(id));
  await sync.directory(folders.quarantine);
}
