import { mkdir, open, readdir, rename, rm, stat, statfs, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ByteStream } from '../../base/bytes.ts';
import type { BlobStore } from '../../base/blob-store.ts';
import { FailureError, failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { blobDamaged, noSuchBlob, readBlobBytes, readBlobSize } from './blob-reader.ts';
import { writeBlobFile } from './blob-writer.ts';
import { messageOf } from './sqlite-errors.ts';
import { syncDirectory } from './sync-directory.ts';

const idPattern = /^[0-9a-f]{32}$/;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * Blobs as files in 256 directories, `ab/abcdef…`. A blob is written under `tmp/`, fsynced, renamed
 * and its directory fsynced: it is there whole or not at all. `reserveBytes` of the file system stay
 * free of blobs, so that names can still be written and deletes still work when the disk is full.
 *
 * Invariant: an id in `writing` is under construction by exactly one `write`.
 */
export async function openDirectoryBlobStore(path: string, options: { readonly reserveBytes: number }): Promise<BlobStore> {
  const directory = resolve(path);
  const temporary = join(directory, 'tmp');
  const writing = new Set<string>();
  await prepareDirectories(directory, temporary);

  const folderOf = (id: string): string => join(directory, id.slice(0, 2));
  const pathOf = (id: string): string => join(folderOf(id), id);

  async function availableBytes(): Promise<number> {
    const system = await statfs(directory);
    return system.bavail * system.bsize - options.reserveBytes;
  }

  function failureOf(id: string, error: unknown): Failure {
    if (error instanceof FailureError) return error.failure;
    const code = codeOf(error);
    if (code === 'ENOENT') return noSuchBlob(id);
    if (code === 'ENOSPC' || code === 'EDQUOT') return storageFull(directory);
    return failure('StorageFailed', `Blob ${id} in ${directory}: ${messageOf(error)}. Check the disk.`, { blobId: id });
  }

  /** A defect of the caller, or of whoever sent the id over the network: never a path. */
  function checkId(id: string): void {
    if (!idPattern.test(id))
      throw new FailureError(failure('InvalidArgument', `A blob id has 32 hexadecimal characters, not "${id.slice(0, 40)}".`));
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

  async function writeDurably(id: string, content: ByteStream): Promise<number> {
    const unfinished = join(temporary, id);
    const file = await open(unfinished, 'w', 0o600);
    try {
      const size = await writeBlobFile(file, id, content, async (bytes) => {
        if ((await availableBytes()) < bytes) throw new FailureError(storageFull(directory));
      });
      await file.sync();
      await file.close();
      await rename(unfinished, pathOf(id));
      await syncDirectory(folderOf(id));
      return size;
    } catch (error) {
      await file.close();
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  /** Size of the blob, its header and footer checked. */
  async function inspect(id: string): Promise<Outcome<number>> {
    try {
      checkId(id);
      const file = await open(pathOf(id), 'r');
      try {
        return await readBlobSize(file, id);
      } finally {
        await file.close();
      }
    } catch (error) {
      return failed(codeOf(error) === 'EIO' ? blobDamaged(id, 'the disk cannot read it') : failureOf(id, error));
    }
  }

  return {
    write: async (id, content) => {
      let taken = false;
      try {
        checkId(id);
        if (writing.has(id)) return failed(blobExists(id));
        writing.add(id);
        taken = true;
        if (await exists(id)) return failed(blobExists(id));
        return success({ id, size: await writeDurably(id, namingErrors(id, content)) });
      } catch (error) {
        return failed(failureOf(id, error));
      } finally {
        if (taken) writing.delete(id);
      }
    },
    read: async (id, range) => {
      const size = await inspect(id);
      if (!size.ok) return size;
      const end = Math.min(range?.end ?? size.value, size.value);
      const start = Math.max(0, range?.start ?? 0);
      return success({ info: { id, size: size.value }, content: readBlobBytes(pathOf(id), id, size.value, start, end) });
    },
    stat: async (id) => {
      const size = await inspect(id);
      return size.ok ? success({ id, size: size.value }) : size;
    },
    remove: async (id) => {
      try {
        checkId(id);
        await unlink(pathOf(id));
        await syncDirectory(folderOf(id));
        return success(undefined);
      } catch (error) {
        return codeOf(error) === 'ENOENT' ? success(undefined) : failed(failureOf(id, error));
      }
    },
    list: async ({ after = '', limit }) => {
      const ids: string[] = [];
      const first = /^[0-9a-f]{2}/.test(after) ? Number.parseInt(after.slice(0, 2), 16) : 0;
      for (let folder = first; folder < 256 && ids.length < limit; folder++) {
        const names = await readdir(join(directory, folder.toString(16).padStart(2, '0')));
        ids.push(...names.filter((name) => idPattern.test(name) && name > after).sort());
      }
      return Promise.all(
        ids.slice(0, limit).map(async (id) => {
          const size = await inspect(id);
          return { id, size: size.ok ? size.value : 0 };
        }),
      );
    },
    space: async () => {
      const system = await statfs(directory);
      return { freeBytes: Math.max(0, system.bavail * system.bsize - options.reserveBytes), totalBytes: system.blocks * system.bsize };
    },
  };
}

/** Errors of the content itself (an upload that was cut off) are not the disk's, whatever system code they carry. */
async function* namingErrors(id: string, content: ByteStream): ByteStream {
  try {
    yield* content;
  } catch (error) {
    if (error instanceof FailureError) throw error;
    throw new FailureError(failure('IncompleteBody', `The content of blob ${id} ended early: ${messageOf(error)}. Send it again.`));
  }
}

async function prepareDirectories(directory: string, temporary: string): Promise<void> {
  // What a crash left unfinished; nothing refers to it.
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const folders = Array.from({ length: 256 }, (_, folder) => join(directory, folder.toString(16).padStart(2, '0')));
  await Promise.all(folders.map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
  await syncDirectory(directory);
  await syncDirectory(dirname(directory));
}

function storageFull(directory: string): Failure {
  return failure('StorageFull', `No space left for blobs in ${directory}: delete objects, or add space or another node.`);
}

function blobExists(id: string): Failure {
  return failure('BlobExists', `A blob ${id} is here already, or is being written.`, { blobId: id });
}
