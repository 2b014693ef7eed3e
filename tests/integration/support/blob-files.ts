import { open, readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoReport } from '../../../backend/bin/demo/demo-report.ts';

/** One copy as it lies on the disk of a demo's node. */
export interface BlobFile {
  readonly id: string;
  readonly node: string;
  readonly path: string;
}

/** All blob files of a data directory; none where the folder is gone. */
export async function blobFiles(node: DemoReport['nodes'][number]): Promise<BlobFile[]> {
  const root = join(node.dataDir, 'blobs');
  const files: BlobFile[] = [];
  for (let number = 0; number < 256; number++) {
    const folder = join(root, number.toString(16).padStart(2, '0'));
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    for (const id of names) files.push({ id, node: node.name, path: join(folder, id) });
  }
  return files;
}

/** Flips one bit, or cuts the end off. `random` in [0, 1). */
export async function damage(path: string, random: () => number): Promise<void> {
  const { size } = await stat(path);
  if (random() < 0.3) return truncate(path, Math.floor(random() * size));
  const file = await open(path, 'r+');
  try {
    const position = Math.floor(random() * size);
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    byte[0] = (byte[0] ?? 0) ^ (1 << Math.floor(random() * 8));
    await file.write(byte, 0, 1, position);
  } finally {
    await file.close();
  }
}
