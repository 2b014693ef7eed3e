import { sleep, type Clock } from '../../base/clock.ts';
import { csvRow } from './csv.ts';

export type FileFormat = 'csv' | 'json';
export type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;
/** Rows before a place in the list (null: from its beginning), and where the next ones begin; null: these were the last. A page may have none and not be the last. */
export type PageOf<Row> = (before: number | null) => { readonly rows: readonly Row[]; readonly next: number | null };

/** A file of rows, page by page as the reader takes it: neither 50,000 events in memory nor one long pause. */
export function rowsFile<Row>(clock: Clock, format: FileFormat, columns: Columns<Row>, page: PageOf<Row>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let before: number | null = null;
  let written = 0;
  const textOf = (row: Row): string => {
    written += 1;
    if (format === 'csv') return csvRow(Object.values(columns).map((column) => column(row)));
    return `${written === 1 ? '' : ',\n'}${JSON.stringify(row)}`;
  };
  return new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(format === 'csv' ? csvRow(Object.keys(columns)) : '[')),
    pull: async (controller) => {
      // Pages without rows are passed over here: a reader that is given nothing does not ask again.
      for (;;) {
        const { rows, next } = page(before);
        before = next;
        if (rows.length > 0) controller.enqueue(encoder.encode(rows.map(textOf).join('')));
        if (next === null) break;
        if (rows.length > 0) return;
        await sleep(clock, 0);
      }
      if (format === 'json') controller.enqueue(encoder.encode(']\n'));
      controller.close();
    },
  });
}
