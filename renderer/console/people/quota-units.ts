/** Units in which quotas are typed in. Pure. */
export const quotaUnits = { MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const;
export type QuotaUnit = keyof typeof quotaUnits;

/** The largest unit in which the amount is at least 1, without rounding: what is shown is what is in force. */
export function splitQuota(bytes: number): { amount: number; unit: QuotaUnit } {
  const unit = (['TiB', 'GiB'] as const).find((name) => bytes >= quotaUnits[name]) ?? 'MiB';
  return { amount: bytes / quotaUnits[unit], unit };
}
