import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** KiB that a tree takes once it is installed, as Debian's Installed-Size counts: whole KiB of each file, one for anything else. */
export async function installedSizeKib(directory: string): Promise<number> {
  const names = await readdir(directory, { recursive: true });
  const sizes = await Promise.all(
    names.map(async (name) => {
      const found = await lstat(join(directory, name));
      return found.isFile() ? Math.ceil(found.size / 1024) : 1;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
