import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { expect, it } from 'vitest';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { rowsFile } from './rows-file.ts';

it('a file goes on past any number of pages without rows', async () => {
  const page = (before: number | null): { rows: { place: number }[]; next: number | null } => {
    const place = (before ?? 8) - 1;
    return { rows: place === 7 || place === 1 ? [{ place }] : [], next: place === 0 ? null : place };
  };
  const read = (format: 'csv' | 'json'): Promise<string> =>
    // As Fastify sends it.
    text(Readable.fromWeb(rowsFile(createSystemClock(), format, { place: (row: { place: number }) => row.place }, page) as WebStream));
  expect(await read('csv')).toBe('place\r\n7\r\n1\r\n');
  expect(JSON.parse(await read('json'))).toEqual([{ place: 7 }, { place: 1 }]);
});
