const sizes = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const speeds = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'];

/** `1.5 GiB`, `12 B`; `-` for an unknown number. */
export function formatBytes(bytes: number | null | undefined): string {
  return inUnits(bytes, 1024, sizes);
}

/** `200 MB/s`, `1.5 GB/s`: speeds of disks and lines are given in powers of ten. `-` for an unknown number. */
export function formatSpeed(bytesPerSecond: number | null | undefined): string {
  return inUnits(bytesPerSecond, 1000, speeds);
}

function inUnits(figure: number | null | undefined, step: number, names: readonly string[]): string {
  if (figure === null || figure === undefined) return '-';
  let value = figure;
  let unit = 0;
  while (value >= step && unit < names.length - 1) {
    value /= step;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${names[unit]}`;
}
