import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf } from './sqlite-errors.ts';

/** How bytes and names are made durable; tests put failing disks here. */
export interface DiskSync {
  file(file: FileHandle): Promise<void>;
  directory(path: string): Promise<void>;
}

/** Where things lie below the directory of a blob store. */
export interface BlobFolders {
  readonly directory: string;
  readonly temporary: string;
  readonly condemned: string;
  readonly quarantine: string;
  folderOf(id: string): string;
  pathOf(id: string): string;
}

export function blobFolders(directory: string): BlobFolders {
  const folderOf = (id: string): string => join(directory, id.slice(0, 2));
  return {
    directory,
    temporary: join(directory, 'tmp'),
    condemned: join(directory, 'condemned'),
    quarantine: join(directory, 'quarantine'),
    folderOf,
    pathOf: (id) => join(folderOf(id), id),
  };
}

export function folderName(number: number): string {
  return number.toString(16).padStart(2, '0');
}

/** Makes what is missing. Somebody may have deleted the directory while the process runs: then a blob store begins again, empty. */
export async function makeFolders(folders: BlobFolders, sync: DiskSync): Promise<void> {
  const { directory, temporary, condemned, quarantine } = folders;
  const hashed = Array.from({ length: 256 }, (_, number) => join(directory, folderName(number)));
  await Promise.all([temporary, condemned, quarantine, ...hashed].map((folder) => mkdir(folder, { recursive: true, mode: 0o700 })));
  await sync.directory(directory);
  await sync.directory(dirname(directory));
}

/** Deletes what a crash left unfinished; nothing refers to it. */
export async function clearTemporary(folders: BlobFolders): Promise<void> {
  await rm(folders.temporary, { recursive: true, force: true });
}

/** Opens a new file under `tmp`, if need be after making the folders again. */
export async function openUnfinished(folders: BlobFolders, id: string, sync: DiskSync): Promise<FileHandle> {
  const path = join(folders.temporary, id);
  try {
    return await open(path, 'w', 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await makeFolders(folders, sync);
    return open(path, 'w', 0o600);
  }
}

/** Renames into a folder, which is made again if it is gone. */
export async function renameInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    await rename(from, to);
  }
}

/** Names in a folder; none when it is gone. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
