import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { strictUtf8Text, utf8 } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';

/** Checks bodies of one schema; compiled once. */
export interface MessageChecker<S extends TSchema> {
  /** The body, or `InvalidArgument` naming the first thing that is wrong with it. */
  check(body: unknown): Outcome<Static<S>>;
}

export function createMessageChecker<S extends TSchema>(name: string, schema: S): MessageChecker<S> {
  const validator = Compile(schema);
  return {
    check: (body) => {
      if (validator.Check(body)) return success(body as Static<S>);
      const first = validator.Errors(body)[0];
      const where = first?.instancePath === undefined || first.instancePath === '' ? 'the body' : first.instancePath;
      return failed(
        spokenFailure('InvalidArgument', callSentence('malformed', { name, reason: `${where} ${first?.message ?? 'is wrong'}` })),
      );
    },
  };
}

export function encodeJson(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

/** The value of JSON bytes; undefined when they are none. */
export function decodeJson(bytes: Uint8Array): unknown {
  const text = strictUtf8Text(bytes);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
