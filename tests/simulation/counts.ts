/** How often what happened in a run. */
export type Counts = Record<string, number>;

export function count(counts: Counts, what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}

export function total(counts: Readonly<Counts>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0);
}

/** For people: "put 40 get 52"; what never happened is left out. */
export function countsText(counts: Readonly<Counts>): string {
  const words = Object.entries(counts)
    .filter(([, times]) => times > 0)
    .map(([what, times]) => `${what} ${times}`);
  return words.length === 0 ? 'nothing' : words.join(' ');
}
