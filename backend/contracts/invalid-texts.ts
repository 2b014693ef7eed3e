import { sentencesOf } from './compose-text.ts';

/** What is wrong with a request: which member of it, and how it is to be. The words are those of the validating library. */
export const invalidTexts = {
  value: '{where} {parts} (it is {value}). Correct it and try again.',
  missing: '{where} {parts} (it is missing). Correct it and try again.',
  list: '{where} {parts} (it is a list). Correct it and try again.',
  object: '{where} {parts} (it is an object). Correct it and try again.',
  secret: '{where} {parts}. Correct it and try again.',
  received: 'The {reason}. Correct it and try again.',
  whole: 'the {whole} {parts} (it is an object). Correct it and try again.',
} as const;

/** How something is to be, within them. */
export const invalidPartTexts = {
  required: 'must have required properties {names}',
  additionalProperties: 'must not have additional properties',
  anyOf: 'must match a schema in anyOf',
  const: 'must be equal to constant',
  enum: 'must be equal to one of the allowed values',
  minLength: 'must not have fewer than {limit} characters',
  maxLength: 'must not have more than {limit} characters',
  minItems: 'must not have fewer than {limit} items',
  maxItems: 'must not have more than {limit} items',
  minimum: 'must be >= {limit}',
  exclusiveMinimum: 'must be > {limit}',
  maximum: 'must be <= {limit}',
  exclusiveMaximum: 'must be < {limit}',
  multipleOf: 'must be multiple of {limit}',
  type: 'must be {type}',
  pattern: 'must match pattern "{pattern}"',
  format: 'must match format "{format}"',
  uniqueItems: 'must not have duplicate items',
  other: '{reason}',
} as const;

export const invalidSentence = sentencesOf('invalid', invalidTexts);
export const invalidPartSentence = sentencesOf('invalidPart', invalidPartTexts);
