import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { patternBytes } from './s3.ts';

const kib = 1024;
const mib = 1024 * kib;

export interface TreeFile {
  /** With slashes, relative to the top of the tree. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly seed: number;
}

export interface TreeShape {
  readonly files: number;
  readonly totalBytes: number;
  /** Sizes that must be there, the largest among them; the other files share what is left. */
  readonly sizesBytes: readonly number[];
}

/** Around every border that matters inside: empty, inline or blob, piece of a blob, part of a multipart upload. */
const borders = [0, 0, 0, 1, 2, 4095, 8191, 8192, 8193, 65_535, 65_536, 65_537, mib - 1, mib, mib + 1, 5 * mib - 1, 5 * mib, 5 * mib + 1];

export const wholeTree: TreeShape = {
  files: 500,
  totalBytes: 400 * mib,
  sizesBytes: [...borders, 64 * mib, 48 * mib, 33 * mib, 32 * mib, 20 * mib, 16 * mib, 16 * mib + 1, 15 * mib],
};

/** For a quick run: the same kinds of names and sizes, with one file large enough for every client's multipart upload. */
export const smallTree: TreeShape = { files: 120, totalBytes: 48 * mib, sizesBytes: [...borders, 17 * mib] };

const names = [
  'plain.txt',
  'with spaces in it.txt',
  'plus+plus.txt',
  'per%cent.txt',
  'encoded%20%2F%2e.txt',
  'both + and %2B.txt',
  'tiếng Việt.txt',
  'd\u0065\u0301compos\u0065\u0301.txt',
  '日本語の名前.txt',
  'العربية.txt',
  'emoji \u{1f600}\u{1f468}\u200d\u{1f469}\u200d\u{1f467}.txt',
  'quote\'d "twice".txt',
  'amp&lt;<tag>.txt',
  'question?hash#.txt',
  'semi;colon:comma,=.txt',
  'star*[a-z]{x}!$^.txt',
  'paren(1)~tilde@at.txt',
  'back\\slash|pipe`tick.txt',
  ' leading space',
  '.hidden',
  '..two dots',
  'three...dots.',
];
const folders = ['', 'a/', 'a/b/', 'folder with space/', 'ü+%/', '\u{1f4c1}/deep/er/', 'a b/c+d/e%f/'];

/** The files of a tree; the same every time. */
export function planTree(shape: TreeShape): TreeFile[] {
  const rest = shape.files - shape.sizesBytes.length;
  const restBytes = shape.totalBytes - shape.sizesBytes.reduce((sum, size) => sum + size, 0);
  const sizes = [...shape.sizesBytes, ...shares(restBytes, rest)];
  return sizes.map((sizeBytes, index) => ({
    path: `${folders[index % folders.length] ?? ''}${index}${names[index % names.length] ?? ''}`,
    sizeBytes,
    seed: index + 1,
  }));
}

/** `count` sizes from small to large that add up to `totalBytes`. */
function shares(totalBytes: number, count: number): number[] {
  const weights = Array.from({ length: count }, (_, index) => 1.02 ** index);
  const unit = totalBytes / weights.reduce((sum, weight) => sum + weight, 0);
  const sizes = weights.map((weight) => Math.floor(weight * unit));
  sizes[count - 1] = (sizes[count - 1] ?? 0) + totalBytes - sizes.reduce((sum, size) => sum + size, 0);
  return sizes;
}

export function contentOf(file: TreeFile): Uint8Array {
  return patternBytes(file.sizeBytes, file.seed);
}

export async function writeTree(directory: string, files: readonly TreeFile[]): Promise<void> {
  for (const file of files) {
    const path = join(directory, file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, contentOf(file));
  }
}

/** Paths that are missing, too many, or have other bytes: empty when the directory holds exactly the tree. */
export async function differencesOf(directory: string, files: readonly TreeFile[]): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const found = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/'));
  const known = new Set(files.map((file) => file.path));
  const differences = found.filter((path) => !known.has(path)).map((path) => `too many: ${path}`);
  for (const file of files) {
    if (!found.includes(file.path)) differences.push(`missing: ${file.path}`);
    else if (Buffer.compare(await readFile(join(directory, file.path)), contentOf(file)) !== 0)
      differences.push(`other bytes: ${file.path}`);
  }
  return differences;
}
