import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** One name as it lies in a node's register store: read without any code of the product. */
export interface NameOnDisk {
  readonly ring: 'account' | 'container' | 'object';
  readonly hash: number;
  readonly key: Buffer;
}

export interface BlobOnDisk {
  readonly id: string;
  readonly size: number;
}

const rings = ['account', 'container', 'object'] as const;

/** All rows of `names.sqlite`, over a read-only connection: works beside the running node and after it. */
export function namesOnDisk(dataDirectory: string): NameOnDisk[] {
  const database = new DatabaseSync(join(dataDirectory, 'names.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare('SELECT ring, hash, key FROM registers').all() as { ring: number; hash: number; key: Uint8Array }[];
    return rows.map(({ ring, hash, key }) => {
      const name = rings[ring];
      if (name === undefined) throw new Error(`there is no ring ${ring}`);
      return { ring: name, hash, key: Buffer.from(key) };
    });
  } finally {
    database.close();
  }
}

/** All files in the node's 256 directories of blobs, with the size that the end of each file tells. */
export async function blobsOnDisk(dataDirectory: string): Promise<BlobOnDisk[]> {
  const directory = join(dataDirectory, 'blobs');
  const blobs: BlobOnDisk[] = [];
  for (const folder of await readdir(directory)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const id of await readdir(join(directory, folder))) blobs.push({ id, size: await contentSize(join(directory, folder, id)) });
  }
  return blobs;
}

/** The footer has 24 bytes; the size of the content is the 64-bit number in its bytes 8 to 15. */
async function contentSize(path: string): Promise<number> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const footer = Buffer.alloc(24);
    await file.read(footer, 0, 24, size - 24);
    return Number(footer.readBigUInt64LE(8));
  } finally {
    await file.close();
  }
}
