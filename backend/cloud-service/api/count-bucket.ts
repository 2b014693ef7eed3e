import { success, type Outcome } from '../../base/outcome.ts';
import type { BucketContents } from '../../contracts/cluster-messages.ts';
import type { Names } from '../names/names.ts';

const rowsPerPage = 1000;
/** One answer looks at no more, so that it comes within the time limit of a call. */
const pagesPerAnswer = 10;

/** Counts the objects of a bucket and their bytes (each once, however many copies), from the key after `after` on. */
export async function countBucket(
  names: Pick<Names, 'buckets' | 'objects'>,
  name: string,
  after?: string,
): Promise<Outcome<BucketContents>> {
  const bucket = await names.buckets.resolve(name, { fresh: true });
  if (!bucket.ok) return bucket;
  const contents = { objects: 0, bytes: 0 };
  let last = after;
  for (let pages = 0; pages < pagesPerAnswer; pages++) {
    const page = await names.objects.list(bucket.value, { prefix: '', limit: rowsPerPage, ...(last === undefined ? {} : { after: last }) });
    if (!page.ok) return page;
    contents.objects += page.value.rows.length;
    for (const { record } of page.value.rows) contents.bytes += record.size;
    last = page.value.rows.at(-1)?.key;
    if (!page.value.more || last === undefined) return success({ ...contents, next: null });
  }
  return success({ ...contents, next: last ?? null });
}
