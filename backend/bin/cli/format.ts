export { formatBytes, formatSpeed } from '../../contracts/format-bytes.ts';

/** `1 name`, `2 names`; `- names` of an unknown number. */
export function formatCount(count: number | null | undefined, one: string, many = `${one}s`): string {
  return `${count ?? '-'} ${count === 1 ? one : many}`;
}

/** `2 h 5 min`, `40 s`; `-` when unknown. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return '-';
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 1440)} d`;
}

/** UTC, to the second. */
export function formatTime(atMs: number | null | undefined): string {
  return atMs === null || atMs === undefined ? '-' : `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** Rows under their headings, columns aligned, numbers to the right. Control characters of foreign text are made visible. */
export function formatTable(headings: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const numeric = headings.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const lines = [headings, ...rows].map((row) => headings.map((_, column) => visible(String(row[column] ?? ''))));
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => (numeric[column] === true ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A terminal must not act on what a stranger wrote into a name. */
export function visible(text: string): string {
  return [...text]
    .map((character) => (isControl(character) ? `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}` : character))
    .join('');
}

function isControl(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
