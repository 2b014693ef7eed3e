/** Value below which the share `share` of `sorted` lies; null of nothing. */
export function percentile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}

/** The middle value; of an even number the mean of the two in the middle. Null of nothing. */
export function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? null : (upper + lower) / 2;
}

/** Median of the ratios within each round, so that noise which meets both targets of a round cancels. Null when a round lacks one. */
export function medianRatio(values: readonly number[], base: readonly number[]): number | null {
  if (values.length !== base.length) return null;
  return median(values.map((value, round) => value / (base[round] ?? NaN)).filter((ratio) => Number.isFinite(ratio)));
}
