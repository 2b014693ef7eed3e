import type { Sentence } from '../../contracts/spoken.ts';
import { systemReason } from '../../contracts/system-texts.ts';

/** What an error of the network says, with its innermost cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/** The same for people. */
export function whyOf(error: unknown): Sentence {
  return systemReason(reasonOf(error), codeOf(error));
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
