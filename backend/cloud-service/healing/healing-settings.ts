/** Everything about healing that an operator may set. Times in milliseconds, rates in bytes per second. */
export interface HealingSettings {
  /** A node that was away for so long counts as gone: its copies are made again elsewhere. */
  readonly downAfterMs: number;
  /** Another replica of a partition heals when those before it were away for so long. */
  readonly takeOverAfterMs: number;
  /** The names are walked so often even when nothing happened; only what the records say is looked at. */
  readonly healEveryMs: number;
  /** So often every copy that a record names is asked for at its node. */
  readonly verifyEveryMs: number;
  /** Bytes that nothing refers to stay for so long; so do the rows of uploads that ended. */
  readonly sweepAfterMs: number;
  readonly sweepEveryMs: number;
  /** Every blob is read again within this time. */
  readonly scrubPeriodMs: number;
  readonly healBytesPerSecond: number;
  /** Limit of a scrub that was asked for. */
  readonly scrubBytesPerSecond: number;
  /** Copies made at the same time. */
  readonly copiesAtOnce: number;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

export const defaultHealingSettings: HealingSettings = {
  downAfterMs: 10 * minuteMs,
  takeOverAfterMs: minuteMs,
  healEveryMs: 10 * minuteMs,
  verifyEveryMs: dayMs,
  sweepAfterMs: dayMs,
  sweepEveryMs: dayMs / 4,
  scrubPeriodMs: 30 * dayMs,
  healBytesPerSecond: 64 * 1024 * 1024,
  scrubBytesPerSecond: 128 * 1024 * 1024,
  copiesAtOnce: 4,
};
