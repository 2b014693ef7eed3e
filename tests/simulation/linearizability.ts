/**
 * Linearizability of the history of one register (Wing and Gong's search with the memo of Lowe's
 * checker): is there an order of the operations, each at some moment between its call and its
 * answer, in which every answer is right?
 */
export type RegisterOperation =
  | { readonly kind: 'read'; readonly found: string | null }
  | { readonly kind: 'write'; readonly value: string | null }
  /** A write on condition that the value is `expected`. */
  | { readonly kind: 'swap'; readonly expected: string | null; readonly value: string | null }
  /** A conditional write that was refused: the value was something else. */
  | { readonly kind: 'refused-swap'; readonly expected: string | null };

export interface HistoryEntry<Operation = RegisterOperation> {
  readonly operation: Operation;
  readonly calledAt: number;
  /** Infinity: the outcome is unknown; it may take effect at any later time, or never. */
  readonly answeredAt: number;
  /** For people. */
  readonly label: string;
}

export type Verdict =
  | { readonly kind: 'linearizable' }
  | { readonly kind: 'violated'; readonly explanation: string }
  | { readonly kind: 'undecided'; readonly explanation: string };

/** The state after `operation` on `state`; undefined when it cannot have answered so. */
export type Model<State extends string | null, Operation> = (state: State, operation: Operation) => State | undefined;

/** The value after `operation` on `value`; undefined when it cannot have answered so. */
function after(value: string | null, operation: RegisterOperation): string | null | undefined {
  switch (operation.kind) {
    case 'read':
      return operation.found === value ? value : undefined;
    case 'write':
      return operation.value;
    case 'swap':
      return operation.expected === value ? operation.value : undefined;
    case 'refused-swap':
      return operation.expected === value ? undefined : value;
  }
}

const maxSteps = 20_000_000;

/**
 * Whether `history`, starting from a register that holds `initial` (null: never written), is linearizable. Tries first
 * without the unknown writes that nobody saw (an order without them is an order of the whole, in which
 * they never happened), then with them.
 */
export function checkLinearizability(history: readonly HistoryEntry[], initial: string | null = null): Verdict {
  const register = (entries: readonly HistoryEntry[]): Verdict => checkHistory<string | null, RegisterOperation>(entries, initial, after);
  const first = register(history.filter((entry) => entry.answeredAt !== Infinity || wasSeen(entry.operation, history)));
  return first.kind === 'linearizable' ? first : register(history);
}

/** Whether somebody found the value that `operation` writes, or built on it. */
function wasSeen(operation: RegisterOperation, history: readonly HistoryEntry[]): boolean {
  if (operation.kind !== 'write' && operation.kind !== 'swap') return false;
  return history.some(
    ({ operation: other }) =>
      (other.kind === 'read' && other.found === operation.value) || (other.kind === 'swap' && other.expected === operation.value),
  );
}

/** Whether `history`, starting from `initial`, is linearizable under `model`. */
export function checkHistory<State extends string | null, Operation>(
  history: readonly HistoryEntry<Operation>[],
  initial: State,
  model: Model<State, Operation>,
): Verdict {
  const entries = [...history].sort((left, right) => left.calledAt - right.calledAt);
  const required = entries.filter((entry) => entry.answeredAt !== Infinity).length;
  const done = new Uint8Array(entries.length);
  const memo = new Set<string>();
  const path: { index: number; before: State }[] = [];
  let value = initial;
  let completed = 0;
  let from = 0;
  let steps = 0;
  let deepest = 0;
  for (;;) {
    if (completed === required) return { kind: 'linearizable' };
    if (++steps > maxSteps) return { kind: 'undecided', explanation: `no answer after ${maxSteps} steps` };
    const next = nextCandidate(entries, done, value, memo, from, model);
    if (next !== undefined) {
      path.push({ index: next.index, before: value });
      done[next.index] = 1;
      value = next.value;
      if ((entries[next.index] as HistoryEntry<Operation>).answeredAt !== Infinity) completed += 1;
      deepest = Math.max(deepest, completed);
      from = 0;
      continue;
    }
    const last = path.pop();
    if (last === undefined) return { kind: 'violated', explanation: explain(entries, deepest, required) };
    done[last.index] = 0;
    if ((entries[last.index] as HistoryEntry<Operation>).answeredAt !== Infinity) completed -= 1;
    value = last.before;
    from = last.index + 1;
  }
}

/** The first operation from `from` on that may come next and leads to a state not seen before. */
function nextCandidate<State extends string | null, Operation>(
  entries: readonly HistoryEntry<Operation>[],
  done: Uint8Array,
  value: State,
  memo: Set<string>,
  from: number,
  model: Model<State, Operation>,
): { index: number; value: State } | undefined {
  let earliestAnswer = Infinity;
  for (let index = 0; index < entries.length; index++) {
    if (done[index] === 0) earliestAnswer = Math.min(earliestAnswer, (entries[index] as HistoryEntry<Operation>).answeredAt);
  }
  for (let index = from; index < entries.length; index++) {
    const entry = entries[index] as HistoryEntry<Operation>;
    // Whoever was called after another had answered cannot come before it.
    if (entry.calledAt > earliestAnswer) return undefined;
    if (done[index] === 1) continue;
    const result = model(value, entry.operation);
    if (result === undefined) continue;
    done[index] = 1;
    const state = `${packed(done)}|${result === null ? '-' : `=${result}`}`;
    done[index] = 0;
    if (memo.has(state)) continue;
    memo.add(state);
    return { index, value: result };
  }
  return undefined;
}

function packed(done: Uint8Array): string {
  let text = '';
  for (let index = 0; index < done.length; index += 16) {
    let bits = 0;
    for (let bit = 0; bit < 16 && index + bit < done.length; bit++) bits |= (done[index + bit] as number) << bit;
    text += String.fromCharCode(bits);
  }
  return text;
}

function explain(entries: readonly HistoryEntry<unknown>[], deepest: number, required: number): string {
  const lines = entries
    .slice(0, 400)
    .map(
      (entry) =>
        `  [${entry.calledAt.toFixed(2)}, ${entry.answeredAt === Infinity ? 'unknown' : entry.answeredAt.toFixed(2)}] ${entry.label}`,
    );
  return `no order explains more than ${deepest} of ${required} answers\n${lines.join('\n')}`;
}
