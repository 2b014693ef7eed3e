import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { spokenFailure } from '../contracts/errors.ts';
import { invalidSentence } from '../contracts/invalid-texts.ts';
import { shownAt } from '../contracts/shown-at.ts';

/**
 * A check of `schema` whose failure (`InvalidArgument`) names the member and repeats its value, cut
 * to a readable length. `subject` is what the sentence calls the whole, e.g. "join request".
 */
export function validator<S extends TSchema>(schema: S, subject: string): (value: unknown) => Outcome<Static<S>> {
  const compiled = Compile(schema);
  return (value) => {
    if (compiled.Check(value)) return success(value as Static<S>);
    const [first] = compiled.Errors(value);
    const path = first?.instancePath ?? '';
    const sentence = describeInvalid(value, path, first?.message ?? 'is malformed');
    return failed(
      spokenFailure('InvalidArgument', invalidSentence('received', { reason: `${subject} is not valid: ${sentence}` }), { path }),
    );
  };
}

/** `capacityBytes must be >= 1 (it is -5)`: the member, what is wrong, and its value unless that is a secret. */
function describeInvalid(value: unknown, path: string, message: string): string {
  const { isSecret, where, value: found } = shownAt(value, path);
  const named = `${path === '' ? 'the body' : where} ${message}`;
  return isSecret ? named : `${named} (it is ${found})`;
}
