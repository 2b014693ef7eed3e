import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Outcome } from '../base/outcome.ts';
import { failed, success } from '../base/outcome.ts';
import { failure } from '../contracts/errors.ts';

/** Longest part of an offending value that is repeated in an error. */
const shownLength = 120;

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
    return failed(failure('InvalidArgument', `The ${subject} is not valid: ${sentence}. Correct it and try again.`, { path }));
  };
}

/** `capacityBytes must be >= 1 (it is -5)`: the member, what is wrong, and its value unless that is a secret. */
function describeInvalid(value: unknown, path: string, message: string): string {
  const { isSecret, where, value: found } = shownAt(value, path);
  const named = `${path === '' ? 'the body' : where} ${message}`;
  return isSecret ? named : `${named} (it is ${found})`;
}

/** The member at `path` as an error names it, and its value, which is not to be repeated if it is a secret. */
export function shownAt(value: unknown, path: string): { readonly where: string; readonly value: string; readonly isSecret: boolean } {
  const isSecret = /secret|password|token/i.test(path);
  return { where: path.slice(1).replaceAll('/', '.'), value: isSecret ? '' : shown(valueAt(value, path)), isSecret };
}

function valueAt(value: unknown, path: string): unknown {
  let current = value;
  for (const step of path.split('/').slice(1)) {
    if (current === null || typeof current !== 'object') return undefined;
    current = (current as Record<string, unknown>)[step.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  return current;
}

function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
}
