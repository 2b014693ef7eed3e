import Type, { type Static } from 'typebox';
import type { Failure } from '../base/outcome.ts';
import { Sentence } from './spoken.ts';

/** How every API of this system answers a failure; `spoken` is the message for translations, where it has any. */
export const ErrorBody = Type.Object({
  error: Type.Object({
    code: Type.String(),
    message: Type.String(),
    details: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    spoken: Type.Optional(Sentence),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

export function errorBodyOf({ code, message, details, spoken }: Failure): ErrorBody {
  return {
    error: {
      code,
      message,
      ...(details === undefined ? {} : { details: { ...details } }),
      ...(spoken === undefined ? {} : { spoken }),
    },
  };
}
