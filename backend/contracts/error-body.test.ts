import { expect, it } from 'vitest';
import { Compile } from 'typebox/compile';
import { errorBodyOf, ErrorBody } from './error-body.ts';
import { failure, spokenFailure } from './errors.ts';
import { refusalSentence } from './refusal-texts.ts';

it('carries the message by key and values where it has translations, and nothing instead where it has none', () => {
  const spoken = refusalSentence('isDrained', { name: 'han-1' });
  const body = errorBodyOf(spokenFailure('Conflict', spoken, { node: 'han-1' }));
  expect(body).toEqual({ error: { code: 'Conflict', message: 'han-1 is being drained already.', details: { node: 'han-1' }, spoken } });
  expect(Compile(ErrorBody).Check(body)).toBe(true);
  expect(errorBodyOf(failure('Busy', 'Wait.'))).toEqual({ error: { code: 'Busy', message: 'Wait.' } });
});
