import { FailureError } from '../../base/outcome.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { CommandError } from './command-error.ts';

/** Refusals of a join that the same options meet again at every try. */
const forGood: ReadonlySet<string> = new Set<ErrorCode>([
  'InvalidArgument',
  'NameTaken',
  'TokenExpired',
  'TokenInvalid',
  'TokenRevoked',
  'TokenUsed',
  'WrongCluster',
]);

/**
 * What a failed start of a Cloud Service ends with: a mistake in the options (exit code 2), after which a unit is not
 * started again, where a node that has never joined is refused for good. A node of the cluster comes back by itself
 * once it can: whatever token still stands in its options must not end it.
 */
export function refusedStart(error: unknown, hasJoined: boolean): unknown {
  if (hasJoined || !(error instanceof FailureError) || !forGood.has(error.failure.code)) return error;
  return new CommandError(error.failure.code, error.failure.message, 2);
}
