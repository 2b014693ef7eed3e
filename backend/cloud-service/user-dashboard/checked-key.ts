import { utf8 } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';

/** A key that can be stored: well-formed text of at most 1,024 bytes. */
export function checkedKey(key: string): Outcome<string> {
  if (!key.isWellFormed()) return failed(spokenFailure('InvalidArgument', fileRefusalSentence('badName', {})));
  const bytes = utf8(key).length;
  if (bytes > 1024) return failed(spokenFailure('InvalidArgument', fileRefusalSentence('longName', { length: bytes })));
  return success(key);
}
