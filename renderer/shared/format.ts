import { remembered } from '../../backend/contracts/remembered-formats.ts';

export { formatBytes, formatCount, formatNumber, formatSpeed } from '../../backend/contracts/format-figures.ts';

/** Figures as people read them: units, few places, the digits of the language. Pure. */

const numbers = remembered((locale: string, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options));
const times = remembered((locale: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options));

/** 0.2 -> "20.0 %"; below one per cent a place more, because a thousand nodes have a thousandth each. */
export function formatShare(share: number, locale: string): string {
  const places = share > 0 && share < 0.00995 ? 2 : 1;
  return `${numbers(locale, { minimumFractionDigits: places, maximumFractionDigits: places }).format(share * 100)} %`;
}

export function formatTime(atMs: number, locale: string): string {
  return times(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false }).format(atMs);
}

/** "14:05". */
export function formatClock(atMs: number, locale: string): string {
  return times(locale, { hour: '2-digit', minute: '2-digit', hour12: false }).format(atMs);
}

/** "Dec 1, 2026". */
export function formatDate(atMs: number, locale: string): string {
  return times(locale, { dateStyle: 'medium' }).format(atMs);
}

export function formatDateTime(atMs: number, locale: string): string {
  return times(locale, { dateStyle: 'medium', timeStyle: 'short', hour12: false }).format(atMs);
}
