import { remembered } from './remembered-formats.ts';

/** Figures in the digits of a language, for people. Pure. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const numbers = remembered((locale: string, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));

/** 1536 -> "1.5 KiB". Three significant digits are where sizes stop mattering. */
export function formatBytes(bytes: number, locale: string): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  const places = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${formatNumber(value, places, locale)} ${units[unit] ?? 'B'}`;
}

export function formatSpeed(bytesPerSecond: number, locale: string): string {
  return `${formatBytes(bytesPerSecond, locale)}/s`;
}

/** At most that many places. */
export function formatNumber(value: number, places: number, locale: string): string {
  return numbers(locale, { maximumFractionDigits: places }).format(value);
}

export function formatCount(count: number, locale: string): string {
  return numbers(locale, {}).format(count);
}
