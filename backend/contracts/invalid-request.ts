import { invalidPartSentence, invalidSentence } from './invalid-texts.ts';
import type { Sentence, Spoken } from './spoken.ts';
import { shownAt } from './shown-at.ts';

/** What the validating library has found, as Fastify passes it on. */
export interface Invalid {
  readonly keyword: string;
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string | undefined;
}

/** Says what is wrong with the body, the params or the querystring of a request. Pure. */
export function invalidRequest(request: unknown, invalid: Invalid | undefined, whole: string): Sentence {
  const path = invalid?.instancePath ?? '';
  const part = partOf(invalid);
  const { isSecret, where, value } = shownAt(request, path);
  if (isSecret) return invalidSentence('secret', { where }, part);
  if (path === '' && value === 'an object') return invalidSentence('whole', { whole }, part);
  const named = path === '' ? `the ${whole}` : where;
  if (value === 'missing' || value === 'a list' || value === 'an object')
    return invalidSentence(({ missing: 'missing', 'a list': 'list', 'an object': 'object' } as const)[value], { where: named }, part);
  return invalidSentence('value', { where: named, value }, part);
}

/** By what is to be kept; as the library says it, where it says it otherwise. */
function partOf(invalid: Invalid | undefined): Spoken {
  const message = invalid?.message ?? 'is not valid';
  const known = invalid === undefined ? undefined : knownPart(invalid);
  return known?.sentence === message ? known : invalidPartSentence('other', { reason: message });
}

function knownPart({ keyword, params }: Invalid): Sentence | undefined {
  const { requiredProperties, limit, multipleOf, type, pattern, format } = params;
  switch (keyword) {
    case 'required':
      return Array.isArray(requiredProperties) ? invalidPartSentence(keyword, { names: requiredProperties.join(', ') }) : undefined;
    case 'additionalProperties':
    case 'anyOf':
    case 'const':
    case 'enum':
    case 'uniqueItems':
      return invalidPartSentence(keyword, {});
    case 'minLength':
    case 'maxLength':
    case 'minItems':
    case 'maxItems':
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return invalidPartSentence(keyword, { limit: Number(limit) });
    case 'multipleOf':
      return invalidPartSentence(keyword, { limit: Number(multipleOf) });
    case 'type':
      return typeof type === 'string' ? invalidPartSentence(keyword, { type }) : undefined;
    case 'pattern':
      return invalidPartSentence(keyword, { pattern: String(pattern) });
    case 'format':
      return invalidPartSentence(keyword, { format: String(format) });
    default:
      return undefined;
  }
}
