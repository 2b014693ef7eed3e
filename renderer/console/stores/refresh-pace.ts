/** How often the page asks for fresh values. Pure. */

/** Several events in one moment are one question. */
export const soonMs = 250;
/** Values are never older than this while the line is up, whatever they cost and whatever a hand does. */
const longestGapMs = 2_000;
/** Asking, reading and drawing may take one part in so many of the page's time. */
const idleParts = 8;

/**
 * Least time from one question to the next. A cluster of five is answered in milliseconds and may be asked four times a
 * second; a list of a thousand takes the page a noticeable part of its time. While a hand moves something, its frames come first.
 */
export function leastGapMs({ costMs, handIsMoving }: { costMs: number; handIsMoving: boolean }): number {
  return handIsMoving ? longestGapMs : Math.min(longestGapMs, Math.max(soonMs, idleParts * costMs));
}
