import { checkLinearizability, type HistoryEntry, type RegisterOperation } from '../../../simulation/linearizability.ts';

/** Where an entry of a history comes from. `last-read`: when all faults were over, through a certain node. */
export type Source = 'write' | 'read' | 'listing' | 'last-read';

interface Recorded extends HistoryEntry {
  readonly source: Source;
}

/** What is wrong, each with the whole history of the key; all empty when every answer can be explained. */
export interface WrongHistories {
  /** The answered writes and what is stored at the end contradict each other. */
  readonly lost: readonly string[];
  /** Reads that no order of the writes explains. */
  readonly stale: readonly string[];
  readonly wrongListings: readonly string[];
  readonly undecided: readonly string[];
}

export interface Judgement {
  readonly keys: number;
  readonly entries: number;
  readonly wrong: WrongHistories;
}

const steps: readonly { readonly found: 'lost' | 'stale' | 'wrongListings'; readonly sources: readonly Source[] }[] = [
  { found: 'lost', sources: ['write', 'last-read'] },
  { found: 'stale', sources: ['write', 'last-read', 'read'] },
  { found: 'wrongListings', sources: ['write', 'last-read', 'read', 'listing'] },
];

/**
 * What was asked and answered about every key, and whether some order explains it all (linearizable
 * for each key). A listing is one read of each key that it covers.
 */
export class History {
  readonly #keys = new Map<string, Recorded[]>();
  readonly #refused = new Map<string, string[]>();

  /** `answeredAt` Infinity: the outcome is unknown. What certainly had no effect is not added. */
  add(key: string, source: Source, operation: RegisterOperation, when: { calledAt: number; answeredAt: number }, label: string): void {
    const entry: Recorded = { source, operation, ...when, label: `${source}: ${describe(operation)} ${label}` };
    const entries = this.#keys.get(key);
    if (entries === undefined) this.#keys.set(key, [entry]);
    else entries.push(entry);
  }

  /** A write that certainly had no effect; told beside what is wrong with the key. */
  addRefused(key: string, text: string): void {
    const texts = this.#refused.get(key);
    if (texts === undefined) this.#refused.set(key, [text]);
    else texts.push(text);
  }

  get keys(): readonly string[] {
    return [...this.#keys.keys()];
  }

  judge(): Judgement {
    const found = { lost: [] as string[], stale: [] as string[], wrongListings: [] as string[], undecided: [] as string[] };
    let entries = 0;
    for (const [key, recorded] of this.#keys) {
      entries += recorded.length;
      for (const step of steps) {
        const verdict = checkLinearizability(recorded.filter((entry) => step.sources.includes(entry.source)));
        if (verdict.kind === 'linearizable') continue;
        (verdict.kind === 'violated' ? found[step.found] : found.undecided).push(
          [`${key}: ${verdict.explanation}`, ...(this.#refused.get(key) ?? []).map((text) => `  refused: ${text}`)].join('\n'),
        );
        break;
      }
    }
    return { keys: this.#keys.size, entries, wrong: found };
  }
}

function describe(operation: RegisterOperation): string {
  switch (operation.kind) {
    case 'read':
      return `found ${String(operation.found)}`;
    case 'write':
      return `wrote ${String(operation.value)}`;
    case 'swap':
      return `wrote ${String(operation.value)} in the place of ${String(operation.expected)}`;
    case 'refused-swap':
      return `was told that it is not ${String(operation.expected)}`;
  }
}
