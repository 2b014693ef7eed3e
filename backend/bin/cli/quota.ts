import { formatBytes } from './format.ts';
import { parseSize } from './parse-values.ts';

/** Bytes of a quota, or null for `none`. */
export function parseQuota(text: string): number | null {
  return text === 'none' ? null : parseSize(text, '<size>');
}

/** What was set, for people. */
export function describeQuota(whose: string, set: { quotaBytes?: number; usedBytes?: number }): string {
  if (set.quotaBytes === undefined) return `${whose} has no quota.`;
  return `${whose} may have ${formatBytes(set.quotaBytes)}; ${formatBytes(set.usedBytes)} are used.`;
}
