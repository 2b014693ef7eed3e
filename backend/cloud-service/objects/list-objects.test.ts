import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, utf8 } from '../../base/bytes.ts';
import { unwrap } from '../../base/outcome.ts';
import type { ListOptions } from './objects.ts';
import { putBytes } from './testing/bodies.ts';
import { createObjectCluster } from './testing/object-cluster.ts';

const keys = [
  'a',
  'a/',
  'a/1',
  'a/b/c',
  'a/b/d',
  'a//',
  'ab',
  'b',
  'b/1',
  'b/2',
  'c//d',
  'z/',
  'é/1',
  '\u{ff5e}/x',
  '\u{1f600}/y',
  '\u{1f600}',
];

/** What S3 defines: fold first, then order, then cut. */
function expected(options: ListOptions): { entries: string[]; more: boolean } {
  const folded = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith(options.prefix)) continue;
    const at = options.delimiter ? key.indexOf(options.delimiter, options.prefix.length) : -1;
    folded.add(at < 0 ? key : `${key.slice(0, at)}${options.delimiter}`);
  }
  const after = options.after;
  const rest = [...folded]
    .sort((left, right) => compareBytes(utf8(left), utf8(right)))
    .filter((entry) => after === undefined || compareBytes(utf8(entry), utf8(after)) > 0);
  return { entries: rest.slice(0, options.limit), more: rest.length > options.limit };
}

describe('LIST', () => {
  it('pages through keys and folders exactly as S3 defines it', async () => {
    const { first, second, bucket } = await createObjectCluster();
    for (const key of keys) unwrap(await putBytes(first.objects, bucket, key, utf8(key)));
    const options = fc.record({
      prefix: fc.constantFrom('', 'a', 'a/', 'a/b/', 'b', 'zz', '\u{1f600}'),
      delimiter: fc.constantFrom(undefined, '/', '//', 'b'),
      limit: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ delimiter, ...rest }) => {
        let after: string | undefined;
        for (;;) {
          const asked: ListOptions = { ...rest, ...(delimiter ? { delimiter } : {}), ...(after === undefined ? {} : { after }) };
          const page = unwrap(await second.objects.list(bucket, asked));
          const entries = page.entries.map((entry) => (entry.kind === 'object' ? entry.key : entry.prefix));
          expect({ entries, more: page.more }).toEqual(expected(asked));
          after = entries.at(-1);
          if (!page.more) break;
        }
      }),
      { numRuns: 40 },
    );
  });

  it('steps over a folder without reading it through', async () => {
    let rowsRead = 0;
    const { first, bucket } = await createObjectCluster({
      wrapNames: (names) => ({
        ...names,
        objects: {
          ...names.objects,
          list: async (...request) => {
            const page = await names.objects.list(...request);
            if (page.ok) rowsRead += page.value.rows.length;
            return page;
          },
        },
      }),
    });
    for (let index = 0; index < 100; index++) unwrap(await putBytes(first.objects, bucket, `many/${index}`, utf8('x')));
    unwrap(await putBytes(first.objects, bucket, 'next', utf8('x')));
    const page = unwrap(await first.objects.list(bucket, { prefix: '', delimiter: '/', limit: 2 }));
    expect(page.entries.map((entry) => entry.kind)).toEqual(['prefix', 'object']);
    expect(page.more).toBe(false);
    expect(rowsRead).toBeLessThan(20);
  });
});
