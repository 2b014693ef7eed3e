import { utf8 } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

/** A key that can be stored: well-formed text of at most 1,024 bytes. */
export function checkedKey(key: string): Outcome<string> {
  if (!key.isWellFormed())
    return failed(failure('InvalidArgument', 'The name of the file is not well-formed text. Rename it and try again.'));
  const bytes = utf8(key).length;
  if (bytes > 1024)
    return failed(failure('InvalidArgument', `The name with its folders has ${bytes} bytes; 1,024 are possible. Choose a shorter one.`));
  return success(key);
}
