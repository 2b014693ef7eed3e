import { describe, expect, it } from 'vitest';
import { FailureError } from '../../base/outcome.ts';
import { failure, type ErrorCode } from '../../contracts/errors.ts';
import { refusedStart } from './refused-start.ts';

const refused = (code: ErrorCode): FailureError => new FailureError(failure(code, 'what happened'));

describe('a start that failed', () => {
  it.each(['TokenInvalid', 'TokenExpired', 'TokenRevoked', 'TokenUsed', 'NameTaken', 'WrongCluster', 'InvalidArgument'] as const)(
    'is a mistake in the options where a new node is refused with %s',
    (code) => {
      expect(refusedStart(refused(code), false)).toMatchObject({ code, message: 'what happened', exitCode: 2 });
    },
  );

  it.each(['Unreachable', 'Timeout', 'Busy', 'StorageFull', 'NodeStillAnswers'] as const)('is tried again after %s', (code) => {
    const error = refused(code);
    expect(refusedStart(error, false)).toBe(error);
  });

  it('is tried again by a node that has joined, whatever its old token is worth', () => {
    const error = refused('TokenExpired');
    expect(refusedStart(error, true)).toBe(error);
  });

  it('stays a defect where it is one', () => {
    const error = new TypeError('no');
    expect(refusedStart(error, false)).toBe(error);
  });
});
