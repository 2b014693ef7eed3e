import { failed, success, type Outcome } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';

/** What a join token says: `mcos1.<id>.<base64url SHA-256 of the CA's public key>.<secret>`. */
export interface JoinToken {
  readonly id: string;
  /** As in the token: base64url, 43 characters. */
  readonly authorityDigest: string;
  readonly secret: string;
}

/** Reads a token. `TokenInvalid` never repeats the secret. */
export function parseJoinToken(text: string): Outcome<JoinToken> {
  const match = /^mcos1\.([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{16,128})$/.exec(text.trim());
  const [, id, authorityDigest, secret] = match ?? [];
  if (id === undefined || authorityDigest === undefined || secret === undefined) {
    const shape = text.trim().startsWith('mcos1.')
      ? `it has ${text.trim().split('.').length} parts of which one is malformed or cut`
      : 'it does not begin with "mcos1."';
    return failed(failure('TokenInvalid', `This is no join token: ${shape}. Copy the whole token from the console, or create a new one.`));
  }
  return success({ id, authorityDigest, secret });
}
