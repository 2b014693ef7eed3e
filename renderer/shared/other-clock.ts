/** How far the clock of the other side is from this machine's, from the dates of its answers. */
export interface OtherClock {
  /** The `date` header of an answer. */
  hear(date: string): void;
  /** How much later it is there; negative when it is earlier. */
  aheadMs(): number;
}

/** Dates have whole seconds, and answers are under way for a while: less than that is no difference. */
const leastDifferenceMs = 3_000;

export function createOtherClock(ownNowMs: () => number = Date.now): OtherClock {
  let aheadMs = 0;
  return {
    hear: (date) => {
      const saidMs = Date.parse(date);
      if (Number.isNaN(saidMs)) return;
      const differenceMs = saidMs - ownNowMs();
      aheadMs = Math.abs(differenceMs) < leastDifferenceMs ? 0 : differenceMs;
    },
    aheadMs: () => aheadMs,
  };
}
