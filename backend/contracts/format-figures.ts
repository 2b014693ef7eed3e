import { remembered } from './remembered-formats.ts';

/** Figures in the digits of a language, for people. Pure. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const speedUnits = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'] as const;
const numbers = remembered((locale: string, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));

/** 1536 -> "1.5 KiB". Three significant digits are where sizes stop mattering. */
export function formatBytes(bytes: number, locale: string): string {
  return inUnits(bytes, 1024, units, locale);
}

/** 200000000 -> "200 MB/s": speeds of disks and lines are given in powers of ten everywhere. */
export function formatSpeed(bytesPerSecond: number, locale: string): string {
  return inUnits(bytesPerSecond, 1000, speedUnits, locale);
}

function inUnits(figure: number, step: number, names: readonly string[], locale: string): string {
  let value = figure;
  let unit = 0;
  while (value >= step && unit < names.length - 1) {
    value /= step;
    unit++;
  }
  const places = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${formatNumber(value, places, locale)} ${names[unit] ?? ''}`;
}

/** At most that many places. */
export function formatNumber(value: number, places: number, locale: string): string {
  return numbers(locale, { maximumFractionDigits: places }).format(value);
}

export function formatCount(count: number, locale: string): string {
  return numbers(locale, {}).format(count);
}
