/**
 * Expected failures are values; only bugs throw. A `Failure` carries a code of the error catalogue
 * (contracts/errors.ts) and the whole sentence that a person reads.
 */
export interface Failure<Code extends string = string> {
  readonly code: Code;
  /** What happened, the offending value, and what to do. */
  readonly message: string;
  /** Machine-readable particulars; no secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The message by key and values, for translations; left out where there are none, or where it is passed on. */
  readonly spoken?: SpokenMessage;
}

/** As the contracts have it: `Sentence` (contracts/spoken.ts). */
export interface SpokenMessage {
  sentence: string;
  sentenceKey: string;
  sentenceValues: Record<string, string | number>;
  sentenceReason?: SpokenMessage;
  sentenceParts?: SpokenMessage[];
}

export type Outcome<T, F extends Failure = Failure> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: F };

export function success<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

export function failed<F extends Failure>(failure: F): { readonly ok: false; readonly failure: F } {
  return { ok: false, failure };
}

/**
 * Carries an expected failure through code that can only throw (streams, library callbacks).
 * Whoever calls such code turns it back into a value at the first chance.
 */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.message);
    this.name = 'FailureError';
    this.failure = failure;
  }
}

/** The value, or throws the failure as a `FailureError`. For tests, and inside streams. */
export function unwrap<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new FailureError(outcome.failure);
}
