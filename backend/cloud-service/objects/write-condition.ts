import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { CatalogueFailure } from '../../contracts/errors.ts';
import type { ObjectRecord } from '../../contracts/names.ts';
import type { WriteCondition } from './objects.ts';

/** Why a conditional write must not happen on `current`, or undefined when it may. Pure: it runs inside a register change. */
export function refusalOf(condition: WriteCondition | undefined, current: ObjectRecord | null): CatalogueFailure | undefined {
  if (!condition) return undefined;
  if (condition.kind === 'absent') {
    return current
      ? spokenFailure('PreconditionFailed', fileRefusalSentence('conditionFailed', {}), { condition: 'If-None-Match' })
      : undefined;
  }
  if (!current) return spokenFailure('NoSuchKey', fileRefusalSentence('noObject', {}));
  if (condition.etags.includes('*') || condition.etags.includes(current.etag)) return undefined;
  return spokenFailure('PreconditionFailed', fileRefusalSentence('conditionFailed', {}), { condition: 'If-Match' });
}

/** Whether a change that answered with this code surely did not take effect. Everything else may have. */
export function surelyRefused(code: string): boolean {
  return !undecidedCodes.has(code);
}

const undecidedCodes = new Set(['OutcomeUnknown', 'Timeout', 'Unreachable', 'InternalError', 'StorageFailed']);
