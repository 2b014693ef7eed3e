import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../../backend/base/blob-store.ts';
import { concatBytes, type ByteStream } from '../../../backend/base/bytes.ts';
import { FailureError, unwrap, type Outcome } from '../../../backend/base/outcome.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { StoreUnderTest } from './register-store-contract.ts';

const id = (number: number): string => number.toString(16).padStart(32, '0');
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 0xff);

async function* chunks(content: Uint8Array, size: number): ByteStream {
  for (let offset = 0; offset < content.length; offset += size) yield content.subarray(offset, offset + size);
}

async function collect(stream: ByteStream): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return concatBytes(parts);
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

/** What every `BlobStore` must do; run by the real stores and by the simulator's. */
export function blobStoreContract(name: string, create: () => Promise<StoreUnderTest<BlobStore>>): void {
  describe(`${name} as a BlobStore`, () => {
    let subject: StoreUnderTest<BlobStore>;
    let store: BlobStore;
    const readAll = async (blob: string, range?: { start: number; end: number }): Promise<Uint8Array> =>
      collect(unwrap(await store.read(blob, range)).content);
    beforeEach(async () => {
      subject = await create();
      store = await subject.open();
    });
    afterEach(() => subject.dispose());

    it.each([0, 1, 65_535, 65_536, 65_537, 3 * 65_536, 2_500_001])(
      'gives back %d bytes, whatever the chunks they came in',
      async (size) => {
        const content = bytes(size);
        for (const [number, chunk] of [1 << 20, 70_001, 65_536, 4099].entries()) {
          expect(await store.write(id(number), chunks(content, chunk))).toEqual({ ok: true, value: { id: id(number), size } });
          expect(unwrap(await store.stat(id(number)))).toMatchObject({ id: id(number), size });
          expect(Buffer.compare(await readAll(id(number)), content)).toBe(0);
        }
      },
    );

    it('reads ranges, cut to the blob', async () => {
      const content = bytes(200_000);
      await store.write(id(1), chunks(content, 9999));
      const ranges = [
        [0, 1],
        [0, 65_536],
        [65_535, 65_537],
        [65_536, 131_072],
        [199_999, 200_000],
        [100, 100],
        [150_000, 999_999],
        [200_000, 200_001],
      ] as const;
      for (const [start, end] of ranges) expect(Buffer.compare(await readAll(id(1), { start, end }), content.subarray(start, end))).toBe(0);
    });

    it('says NoSuchBlob for what is not there, and removes it without complaint', async () => {
      expect(codeOf(await store.read(id(1)))).toBe('NoSuchBlob');
      expect(codeOf(await store.stat(id(1)))).toBe('NoSuchBlob');
      expect(codeOf(await store.remove(id(1)))).toBe('ok');
      await store.write(id(1), chunks(bytes(10), 10));
      expect(codeOf(await store.remove(id(1)))).toBe('ok');
      expect(codeOf(await store.stat(id(1)))).toBe('NoSuchBlob');
    });

    it('never overwrites: one of two writers of an id wins', async () => {
      const outcomes = await Promise.all([store.write(id(1), chunks(bytes(100), 10)), store.write(id(1), chunks(bytes(200), 10))]);
      expect(outcomes.map(codeOf).sort()).toEqual(['BlobExists', 'ok']);
      const winner = outcomes.find((outcome) => outcome.ok);
      expect(codeOf(await store.write(id(1), chunks(bytes(5), 5)))).toBe('BlobExists');
      expect(await readAll(id(1))).toHaveLength(winner?.ok === true ? winner.value.size : -1);
    });

    it('leaves nothing of a content that throws, and tells why', async () => {
      async function* cut(): ByteStream {
        yield bytes(100_000);
        throw Object.assign(new Error('socket hang up'), { code: 'ENOSPC' });
      }
      async function* refused(): ByteStream {
        yield bytes(10);
        throw new FailureError(failure('ChecksumMismatch', 'wrong sum'));
      }
      expect(codeOf(await store.write(id(1), cut()))).toBe('IncompleteBody');
      expect(codeOf(await store.write(id(1), refused()))).toBe('ChecksumMismatch');
      expect(await store.list({ limit: 10 })).toEqual([]);
      expect(codeOf(await store.write(id(1), chunks(bytes(10), 10)))).toBe('ok');
    });

    it('lists ids in order, page by page', async () => {
      const ids = ['ff', '00', '7f', '01', '7e'].map((start) => start.repeat(16));
      ids.push('7f'.padEnd(32, '0'));
      for (const blob of ids) await store.write(blob, chunks(bytes(3), 3));
      const sorted = [...ids].sort();
      expect((await store.list({ limit: 100 })).map((blob) => blob.id)).toEqual(sorted);
      expect(await store.list({ limit: 1 })).toMatchObject([{ id: sorted[0], size: 3 }]);
      const paged: string[] = [];
      for (let after: string | undefined; paged.length < sorted.length; after = paged.at(-1)) {
        const page = await store.list({ limit: 2, ...(after === undefined ? {} : { after }) });
        paged.push(...page.map((blob) => blob.id));
        if (page.length === 0) break;
      }
      expect(paged).toEqual(sorted);
    });

    it('is the same after it was opened again', async () => {
      await store.write(id(1), chunks(bytes(70_000), 70_000));
      store = await subject.open();
      expect(await store.list({ limit: 10 })).toMatchObject([{ id: id(1), size: 70_000 }]);
      expect(await readAll(id(1))).toHaveLength(70_000);
    });

    it('lets readers stop early, and reads several at once', async () => {
      await store.write(id(1), chunks(bytes(2_000_000), 65_536));
      for await (const part of unwrap(await store.read(id(1))).content) {
        expect(part.length).toBeGreaterThan(0);
        break;
      }
      const all = await Promise.all([readAll(id(1)), readAll(id(1)), readAll(id(1))]);
      expect(all.map((content) => content.length)).toEqual([2_000_000, 2_000_000, 2_000_000]);
    });

    it('refuses an id that is not one', async () => {
      for (const wrong of ['', '../../etc/passwd', 'A'.repeat(32), '0'.repeat(31)]) {
        expect(codeOf(await store.write(wrong, chunks(bytes(1), 1)))).toBe('InvalidArgument');
        expect(codeOf(await store.read(wrong))).toBe('InvalidArgument');
        expect(codeOf(await store.remove(wrong))).toBe('InvalidArgument');
      }
    });

    it('keeps the owner beside the bytes, whatever characters it has', async () => {
      const owner = '1 key with \u0000, \u00e9, \u{1f600} and %2e/..';
      await store.write(id(1), chunks(bytes(100_000), 9999), owner);
      await store.write(id(2), chunks(bytes(10), 10));
      const check = async (): Promise<void> => {
        expect(unwrap(await store.stat(id(1)))).toMatchObject({ size: 100_000, owner });
        expect(unwrap(await store.read(id(1))).info).toEqual({ id: id(1), size: 100_000, owner });
        expect((await store.list({ limit: 10 })).map((blob) => blob.owner)).toEqual([owner, '']);
        expect(Buffer.compare(await readAll(id(1), { start: 65_000, end: 66_000 }), bytes(100_000).subarray(65_000, 66_000))).toBe(0);
      };
      await check();
      store = await subject.open();
      await check();
    });

    it('lets nobody touch what is condemned or missing, over restarts, until it is pardoned', async () => {
      await store.write(id(1), chunks(bytes(10), 10));
      await store.write(id(2), chunks(bytes(10), 10));
      expect(await store.touch([id(1), id(2), id(3)])).toEqual([id(3)]);
      expect(codeOf(await store.condemn(id(2)))).toBe('ok');
      expect(await store.touch([id(1), id(2)])).toEqual([id(2)]);
      expect(await readAll(id(2))).toHaveLength(10);
      store = await subject.open();
      expect(await store.touch([id(1), id(2)])).toEqual([id(2)]);
      expect(store.condemned()).toEqual([id(2)]);
      expect(codeOf(await store.pardon(id(2)))).toBe('ok');
      expect(await store.touch([id(1), id(2)])).toEqual([]);
      await store.condemn(id(1));
      await store.remove(id(1));
      expect(store.condemned()).toEqual([]);
      expect(codeOf(await store.write(id(1), chunks(bytes(10), 10)))).toBe('ok');
      expect(await store.touch([id(1)])).toEqual([]);
    });

    it('removes what was condemned, and not a copy that was made anew under the same id since', async () => {
      await store.write(id(1), chunks(bytes(10), 10));
      await store.condemn(id(1));
      await store.remove(id(1));
      await store.write(id(1), chunks(bytes(10), 10));
      expect(codeOf(await store.removeCondemned(id(1)))).toBe('ok');
      expect(await readAll(id(1))).toHaveLength(10);
      await store.condemn(id(1));
      expect(codeOf(await store.removeCondemned(id(1)))).toBe('ok');
      expect(codeOf(await store.stat(id(1)))).toBe('NoSuchBlob');
      expect(store.condemned()).toEqual([]);
      expect(codeOf(await store.removeCondemned(id(2)))).toBe('ok');
    });

    it('serves nothing of what is in quarantine, and takes a new copy of it', async () => {
      await store.write(id(1), chunks(bytes(10), 10));
      expect(codeOf(await store.quarantine(id(1)))).toBe('ok');
      expect(codeOf(await store.read(id(1)))).toBe('NoSuchBlob');
      expect(codeOf(await store.readQuarantined(id(2), { start: 0, end: 10 }))).toBe('NoSuchBlob');
      expect(await store.list({ limit: 10 })).toEqual([]);
      expect(codeOf(await store.write(id(1), chunks(bytes(10), 10)))).toBe('ok');
      expect(codeOf(await store.quarantine(id(1)))).toBe('ok');
      expect(codeOf(await store.quarantine(id(2)))).toBe('ok');
    });

    it('knows its space', async () => {
      const { freeBytes, totalBytes } = await store.space();
      expect(freeBytes).toBeGreaterThanOrEqual(0);
      expect(totalBytes).toBeGreaterThan(freeBytes);
    });
  });
}
