import { open, rm, stat, statfs, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { utf8 } from '../../base/bytes.ts';
import type { ByteStream } from '../../base/bytes.ts';
import { maxOwnerBytes, maxTouchedBlobs, type BlobDetails, type BlobStore } from '../../base/blob-store.ts';
import { FailureError, failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import type { BlobFile } from './blob-format.ts';
import {
  clearTemporary,
  blobFolders,
  folderName,
  makeFolders,
  namesIn,
  openUnfinished,
  renameInto,
  type DiskSync,
} from './blob-folders.ts';
import { CondemnedMarks, moveToQuarantine } from './blob-marks.ts';
import { blobDamaged, noSuchBlob, readBlobBytes, readBlobFile } from './blob-reader.ts';
import { writeBlobFile } from './blob-writer.ts';
import { diskCause, isDiskFailure, isFull, isOutOfDescriptors, synced } from './disk-failure.ts';
import { causeOf, codeOf } from './sqlite-errors.ts';
import { syncDirectory } from './sync-directory.ts';

const idPattern = /^[0-9a-f]{32}$/;
/** Files looked at together by `touch` and `list`. */
const filesAtOnce = 16;

export interface DirectoryBlobStoreOptions {
  /** So much of the file system stays free of blobs, so that names can still be written and deletes still work when the disk is full. */
  readonly reserveBytes: number;
  readonly sync?: DiskSync;
}

const systemSync: DiskSync = { file: (file) => file.sync(), directory: syncDirectory };

type Inspected = BlobFile & { readonly writtenAtMs: number };

/**
 * Blobs as files in 256 directories, `ab/abcdef…`. A blob is written under `tmp/`, fsynced, renamed
 * and its directory fsynced: it is there whole or not at all. Marks of condemnation lie under
 * `condemned/`, damaged blobs under `quarantine/`.
 *
 * Invariants: an id in `writing` is under construction by exactly one `write`; one that is removed
 * meanwhile (`removedMeanwhile`, a part of `writing`) does not come to be; after a failed fsync nothing is
 * written any more.
 */
export async function openDirectoryBlobStore(path: string, options: DirectoryBlobStoreOptions): Promise<BlobStore> {
  const folders = blobFolders(resolve(path));
  const { directory, pathOf, folderOf } = folders;
  const disk = options.sync ?? systemSync;
  const sync: DiskSync = {
    file: (file) => synced(null, () => disk.file(file)),
    directory: (folder) => synced(folder, () => disk.directory(folder)),
  };
  const writing = new Set<string>();
  const removedMeanwhile = new Set<string>();
  const broken = Promise.withResolvers<Failure>();
  let brokenReason: Sentence | undefined;
  await clearTemporary(folders);
  await makeFolders(folders, sync);
  const marks = new CondemnedMarks(folders, sync, (await namesIn(folders.condemned)).filter(isId));

  async function availableBytes(): Promise<number> {
    const system = await statfs(directory);
    return system.bavail * system.bsize - options.reserveBytes;
  }

  function failureOf(id: string, error: unknown): Failure {
    if (error instanceof FailureError) return error.failure;
    if (codeOf(error) === 'ENOENT') return noSuchBlob(id);
    if (isFull(error)) return storageFull(directory);
    if (isOutOfDescriptors(error)) return spokenFailure('Busy', storageSentence('manyFiles', { blob: id, directory }), { blobId: id });
    return spokenFailure('StorageFailed', storageSentence('blobTrouble', { blob: id, directory, reason: diskCause(error) }), {
      blobId: id,
    });
  }

  /** A change of the disk. What the disk refuses once is not tried again: an fsync that succeeds later proves nothing. */
  async function changing<T>(id: string, change: () => Promise<T>): Promise<Outcome<T>> {
    try {
      checkId(id);
      if (brokenReason !== undefined) return failed(storageBroken(directory, brokenReason));
      return success(await change());
    } catch (error) {
      if (isDiskFailure(error) && brokenReason === undefined) {
        brokenReason = diskCause(error);
        broken.resolve(spokenFailure('StorageFailed', storageSentence('blobsFailed', { directory, reason: brokenReason })));
      }
      return failed(failureOf(id, error));
    }
  }

  async function exists(id: string): Promise<boolean> {
    return stat(pathOf(id)).then(
      () => true,
      (error: unknown) => {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      },
    );
  }

  async function writeDurably(id: string, content: ByteStream, owner: Uint8Array): Promise<number> {
    const unfinished = join(folders.temporary, id);
    const file = await openUnfinished(folders, id, sync);
    let isNamed = false;
    try {
      const size = await writeBlobFile(file, id, content, owner, async (bytes) => {
        if ((await availableBytes()) < bytes) throw new FailureError(storageFull(directory));
      });
      await sync.file(file);
      await file.close();
      // Its writer gave up, and the removal overtook the rest of the bytes: nobody would ever name them.
      if (removedMeanwhile.has(id)) throw new FailureError(spokenFailure('NoSuchBlob', storageSentence('blobRemoved', { blob: id })));
      await renameInto(unfinished, pathOf(id));
      isNamed = true;
      await sync.directory(folderOf(id));
      return size;
    } catch (error) {
      await file.close();
      // Under its name it would be taken for a durable copy by whoever tries to write it again.
      await rm(isNamed ? pathOf(id) : unfinished, { force: true });
      throw error;
    }
  }

  /** What lies here under the id; header, owner, footer and length checked. */
  async function inspect(id: string, path = pathOf(id)): Promise<Outcome<Inspected>> {
    try {
      checkId(id);
      const file = await open(path, 'r');
      try {
        return await readBlobFile(file, id);
      } finally {
        await file.close();
      }
    } catch (error) {
      return failed(codeOf(error) === 'EIO' ? blobDamaged(id, storageSentence('damageUnreadable', {})) : failureOf(id, error));
    }
  }

  /** A blob that is there but damaged gives way to a new copy of itself. */
  async function makeRoom(id: string): Promise<void> {
    if (!(await exists(id))) return;
    const there = await inspect(id);
    if (there.ok || there.failure.code !== 'BlobDamaged') throw new FailureError(blobExists(id));
    await moveToQuarantine(folders, sync, id);
  }

  async function write(id: string, content: ByteStream, owner: string): Promise<number> {
    const ownerBytes = utf8(owner);
    if (ownerBytes.length > maxOwnerBytes)
      throw new FailureError(
        spokenFailure('InvalidArgument', storageSentence('longOwner', { most: maxOwnerBytes, length: ownerBytes.length })),
      );
    if (writing.has(id)) throw new FailureError(blobExists(id));
    writing.add(id);
    try {
      await makeRoom(id);
      return await writeDurably(id, namingErrors(id, content), ownerBytes);
    } finally {
      writing.delete(id);
      removedMeanwhile.delete(id);
    }
  }

  async function remove(id: string): Promise<void> {
    if (writing.has(id)) removedMeanwhile.add(id);
    await unlink(pathOf(id)).then(
      () => sync.directory(folderOf(id)),
      (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
      },
    );
    await marks.remove(id);
  }

  async function detailsOf(ids: readonly string[]): Promise<BlobDetails[]> {
    const details: BlobDetails[] = [];
    for (let from = 0; from < ids.length; from += filesAtOnce) {
      const found = await Promise.all(ids.slice(from, from + filesAtOnce).map(async (id) => ({ id, inspected: await inspect(id) })));
      for (const { id, inspected } of found)
        details.push(inspected.ok ? toDetails(id, inspected.value) : { id, size: 0, owner: '', writtenAtMs: 0 });
    }
    return details;
  }

  async function quarantinedBlob(id: string): Promise<BlobDetails> {
    const path = join(folders.quarantine, id);
    const inspected = await inspect(id, path);
    const details = inspected.ok ? toDetails(id, inspected.value) : { id, size: 0, owner: '' };
    // A rename changes the ctime. Gone meanwhile: as if it had just come.
    const movedAtMs = await stat(path).then(
      ({ ctimeMs }) => Math.floor(ctimeMs),
      () => Number.POSITIVE_INFINITY,
    );
    return { ...details, writtenAtMs: movedAtMs };
  }

  async function read(id: string, path: string, range: { readonly start: number; readonly end: number } | undefined) {
    const inspected = await inspect(id, path);
    if (!inspected.ok) return inspected;
    const blob = inspected.value;
    const end = Math.min(range?.end ?? blob.sizeBytes, blob.sizeBytes);
    const start = Math.max(0, range?.start ?? 0);
    const { size, owner } = toDetails(id, blob);
    return success({ info: { id, size, owner }, content: readBlobBytes(path, id, blob, start, end) });
  }

  return {
    failed: broken.promise,
    write: async (id, content, owner = '') => {
      const written = await changing(id, () => write(id, content, owner));
      return written.ok ? success({ id, size: written.value }) : written;
    },
    read: (id, range) => read(id, pathOf(id), range),
    stat: async (id) => {
      const inspected = await inspect(id);
      return inspected.ok ? success(toDetails(id, inspected.value)) : inspected;
    },
    remove: (id) => changing(id, () => remove(id)),
    removeCondemned: (id) =>
      changing(id, async () => {
        if (marks.has(id)) await remove(id);
      }),
    list: async ({ after = '', limit }) => {
      const ids: string[] = [];
      const first = /^[0-9a-f]{2}/.test(after) ? Number.parseInt(after.slice(0, 2), 16) : 0;
      for (let folder = first; folder < 256 && ids.length < limit; folder++) {
        const names = await namesIn(join(directory, folderName(folder)));
        ids.push(...names.filter((name) => isId(name) && name > after).sort());
      }
      return detailsOf(ids.slice(0, limit));
    },
    space: async () => {
      const system = await statfs(directory).catch(async (error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error;
        await makeFolders(folders, sync);
        return statfs(directory);
      });
      return { freeBytes: Math.max(0, system.bavail * system.bsize - options.reserveBytes), totalBytes: system.blocks * system.bsize };
    },
    touch: async (ids) => {
      const wanted = ids.slice(0, maxTouchedBlobs);
      const refused = ids.slice(maxTouchedBlobs);
      for (let from = 0; from < wanted.length; from += filesAtOnce) {
        const part = wanted.slice(from, from + filesAtOnce);
        const found = await Promise.all(part.map((id) => inspect(id)));
        // Not looked at is not gone: the healers would copy all of it.
        for (const one of found) if (!one.ok && one.failure.code === 'Busy') throw new FailureError(one.failure);
        // The marks are looked at last, at the moment of the answer.
        refused.push(...part.filter((id, index) => !found[index]?.ok || marks.has(id)));
      }
      return refused.length === 0 ? refused : ids.filter((id) => refused.includes(id) || marks.has(id));
    },
    condemn: (id) => changing(id, () => marks.add(id)),
    pardon: (id) => changing(id, () => marks.remove(id)),
    condemned: () => marks.all(),
    quarantine: (id) =>
      changing(id, async () => {
        if (await exists(id)) await moveToQuarantine(folders, sync, id);
        await marks.remove(id);
      }),
    readQuarantined: (id, range) => read(id, join(folders.quarantine, id), range),
    quarantined: async ({ after = '', limit }) => {
      const ids = (await namesIn(folders.quarantine)).filter((name) => isId(name) && name > after).sort();
      const details: BlobDetails[] = [];
      for (const id of ids.slice(0, limit)) details.push(await quarantinedBlob(id));
      return details;
    },
    discard: (id) => changing(id, () => rm(join(folders.quarantine, id), { force: true })),
  };
}

function isId(name: string): boolean {
  return idPattern.test(name);
}

/** A defect of the caller, or of whoever sent the id over the network: never a path. */
function checkId(id: string): void {
  if (!isId(id)) throw new FailureError(spokenFailure('InvalidArgument', storageSentence('noBlobId', { typed: id.slice(0, 40) })));
}

function toDetails(id: string, blob: Inspected): BlobDetails {
  return { id, size: blob.sizeBytes, owner: blob.owner.toString('utf8'), writtenAtMs: blob.writtenAtMs };
}

/** Errors of the content itself (an upload that was cut off) are not the disk's, whatever system code they carry. */
async function* namingErrors(id: string, content: ByteStream): ByteStream {
  try {
    yield* content;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(spokenFailure('IncompleteBody', storageSentence('blobCutOff', { blob: id, reason: causeOf(error) })));
  }
}

function storageFull(directory: string): Failure {
  return spokenFailure('StorageFull', storageSentence('noRoomForBlobs', { directory }));
}

function storageBroken(directory: string, reason: Sentence): Failure {
  return spokenFailure('StorageFailed', storageSentence('blobsBroken', { directory, reason }));
}

function blobExists(id: string): Failure {
  return spokenFailure('BlobExists', storageSentence('blobThere', { blob: id }), { blobId: id });
}
