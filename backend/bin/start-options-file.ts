import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/** What a process was started with, beside its data, so that `--data DIR` alone starts it again. Holds no secret. */
export interface StartOptionsFile<T> {
  read(): Promise<Partial<T>>;
  write(options: T): Promise<void>;
}

const fileName = 'start-options.json';

export function startOptionsFile<T extends object>(dataDirectory: string): StartOptionsFile<T> {
  const path = join(dataDirectory, fileName);
  return {
    read: async () => {
      try {
        const stored = JSON.parse(await readFile(path, 'utf8')) as { format: number; options: Partial<T> };
        return stored.format === 1 ? stored.options : {};
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
        throw error;
      }
    },
    write: async (options) => writeDurably(path, `${JSON.stringify({ format: 1, options }, null, 2)}\n`),
  };
}

/** Writes beside the target, flushes, renames and flushes the directory: after a power cut there is the old text or the new one. Mode 0600. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const temporary = `${path}.new`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  const directory = await open(join(path, '..'), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
