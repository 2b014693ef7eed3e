/** Figures as people read them: units, few places, the digits of the language. Pure. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Making a formatter costs a hundred times what using it does, and a table of a thousand rows uses the same few. */
function remembered<F, O extends object>(make: (locale: string, options: O) => F): (locale: string, options: O) => F {
  const known = new Map<string, F>();
  return (locale, options) => {
    const key = `${locale} ${JSON.stringify(options)}`;
    const formatter = known.get(key) ?? make(locale, options);
    known.set(key, formatter);
    return formatter;
  };
}
const numbers = remembered((locale: string, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
const times = remembered((locale: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options));

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

/** 0.2 -> "20.0 %"; below one per cent a place more, because a thousand nodes have a thousandth each. */
export function formatShare(share: number, locale: string): string {
  const places = share > 0 && share < 0.00995 ? 2 : 1;
  return `${numbers(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(share * 100)} %`;
}

export function formatCount(count: number, locale: string): string {
  return numbers(locale, {}).format(count);
}

export function formatTime(atMs: number, locale: string): string {
  return times(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(atMs);
}

export function formatDateTime(atMs: number, locale: string): string {
  return times(locale, { dateStyle: 'medium', timeStyle: 'short', hour12: false }).format(atMs);
}
