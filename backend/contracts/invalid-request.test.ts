import Type, { type TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { invalidRequest, type Invalid } from './invalid-request.ts';

const within = (schema: TSchema): TSchema => Type.Object({ value: schema }, { additionalProperties: false });
const said = (schema: TSchema, request: unknown) => {
  const [first] = Compile(schema).Errors(request);
  return { message: first?.message ?? '', sentence: invalidRequest(request, first as Invalid | undefined, 'body') };
};

describe('what is wrong with a request', () => {
  it.each([
    [within(Type.Number({ minimum: 1 })), { value: -5 }, 'value must be >= 1 (it is -5). Correct it and try again.', 'minimum'],
    [
      within(Type.Number({ exclusiveMaximum: 9 })),
      { value: 9 },
      'value must be < 9 (it is 9). Correct it and try again.',
      'exclusiveMaximum',
    ],
    [
      within(Type.String({ maxLength: 2 })),
      { value: 'abc' },
      'value must not have more than 2 characters (it is "abc"). Correct it and try again.',
      'maxLength',
    ],
    [
      within(Type.String({ pattern: '^a$' })),
      { value: 'b' },
      'value must match pattern "^a$" (it is "b"). Correct it and try again.',
      'pattern',
    ],
    [within(Type.String()), { value: [] }, 'value must be string (it is a list). Correct it and try again.', 'type'],
    [within(Type.String()), { value: {} }, 'value must be string (it is an object). Correct it and try again.', 'type'],
    [within(Type.String()), {}, 'the body must have required properties value (it is an object). Correct it and try again.', 'required'],
    [within(Type.String()), 7, 'the body must be object (it is 7). Correct it and try again.', 'type'],
  ])('is said by member, rule and value %#', (schema, request, sentence, rule) => {
    const made = said(schema, request).sentence;
    expect(made.sentence).toBe(sentence);
    expect(made.sentenceParts).toMatchObject([{ sentenceKey: `invalidPart.${rule}` }]);
  });

  it('does not repeat a secret', () => {
    const schema = Type.Object({ password: Type.String({ minLength: 8 }) });
    expect(said(schema, { password: 'short' }).sentence.sentence).toBe(
      'password must not have fewer than 8 characters. Correct it and try again.',
    );
  });

  it('is said as the library says it where that is not known', () => {
    const odd: Invalid = { keyword: 'minimum', instancePath: '/value', params: { limit: 1 }, message: 'is otherwise wrong' };
    const made = invalidRequest({ value: 0 }, odd, 'body');
    expect(made.sentence).toBe('value is otherwise wrong (it is 0). Correct it and try again.');
    expect(made.sentenceParts).toMatchObject([{ sentenceKey: 'invalidPart.other', sentenceValues: { reason: 'is otherwise wrong' } }]);
    expect(invalidRequest(undefined, undefined, 'body').sentence).toBe('the body is not valid (it is missing). Correct it and try again.');
  });
});
