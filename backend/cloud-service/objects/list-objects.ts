import { utf8 } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { BucketRecord } from '../../contracts/names.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import type { ListOptions, ListPage } from './objects.ts';

const rowsAtOnce = 1000;

type Entry = ListPage['entries'][number];

/** Keys in UTF-8 order, folded at the delimiter. A folder with many keys is skipped in one step, not read through. */
export async function listObjects(deps: ObjectsDeps, bucket: BucketRecord, options: ListOptions): Promise<Outcome<ListPage>> {
  const { prefix, delimiter, limit } = options;
  const entries: Entry[] = [];
  let position = startOf(options);
  let openPrefix: string | undefined;
  for (;;) {
    // One row more than needed tells whether there is more.
    const page = await deps.names.objects.list(bucket, {
      prefix,
      ...position,
      limit: Math.min(rowsAtOnce, Math.max(limit - entries.length, 0) + 1),
    });
    if (!page.ok) return page;
    for (const { key, record } of page.value.rows) {
      if (openPrefix !== undefined && key.startsWith(openPrefix)) continue;
      if (entries.length >= limit) return success({ entries, more: true });
      openPrefix = delimiter ? commonPrefix(key, prefix, delimiter) : undefined;
      entries.push(openPrefix === undefined ? { kind: 'object', key, record } : { kind: 'prefix', prefix: openPrefix });
    }
    if (!page.value.more) return success({ entries, more: false });
    const lastKey = page.value.rows.at(-1)?.key;
    if (lastKey === undefined && openPrefix === undefined) return success({ entries, more: true });
    position = openPrefix === undefined ? { after: lastKey as string } : { from: afterPrefix(openPrefix) };
  }
}

function startOf(options: ListOptions): { after?: string; from?: Uint8Array } {
  const { after, delimiter, prefix } = options;
  if (after === undefined || after === '') return {};
  if (delimiter && after.startsWith(prefix) && commonPrefix(after, prefix, delimiter) === after) return { from: afterPrefix(after) };
  return { after };
}

/** `key` up to and with the first delimiter behind the prefix; undefined when there is none. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** The least byte string above every key that starts with `prefix`. */
export function afterPrefix(prefix: string): Uint8Array {
  const bytes = utf8(prefix);
  // UTF-8 never contains 0xff, so the last byte can always be raised.
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) + 1;
  return bytes;
}
