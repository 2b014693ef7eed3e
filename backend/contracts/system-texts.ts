import { sentencesOf } from './compose-text.ts';
import type { Sentence } from './spoken.ts';

/**
 * What the operating system, SQLite and the TLS library say when something fails, by their own codes: in English as they say it
 * themselves, for whoever looks it up.
 */
export const systemTexts = {
  // the disk
  ENOSPC: '{reason}',
  EDQUOT: '{reason}',
  EIO: '{reason}',
  EROFS: '{reason}',
  EACCES: '{reason}',
  EPERM: '{reason}',
  ENOENT: '{reason}',
  ENOTDIR: '{reason}',
  EISDIR: '{reason}',
  EEXIST: '{reason}',
  EMFILE: '{reason}',
  ENFILE: '{reason}',
  ENXIO: '{reason}',
  ENODEV: '{reason}',
  EUCLEAN: '{reason}',
  // SQLite, by its primary result code
  SQLITE_BUSY: '{reason}',
  SQLITE_IOERR: '{reason}',
  SQLITE_CORRUPT: '{reason}',
  SQLITE_FULL: '{reason}',
  SQLITE_CANTOPEN: '{reason}',
  SQLITE_NOTADB: '{reason}',
  // the network
  ECONNREFUSED: '{reason}',
  ECONNRESET: '{reason}',
  ECONNABORTED: '{reason}',
  EPIPE: '{reason}',
  ETIMEDOUT: '{reason}',
  EHOSTUNREACH: '{reason}',
  ENETUNREACH: '{reason}',
  ENOTFOUND: '{reason}',
  EAI_AGAIN: '{reason}',
  EADDRINUSE: '{reason}',
  EADDRNOTAVAIL: '{reason}',
  UND_ERR_SOCKET: '{reason}',
  UND_ERR_CONNECT_TIMEOUT: '{reason}',
  UND_ERR_ABORTED: '{reason}',
  ERR_INVALID_URL: '{reason}',
  // certificates
  CERT_HAS_EXPIRED: '{reason}',
  CERT_NOT_YET_VALID: '{reason}',
  DEPTH_ZERO_SELF_SIGNED_CERT: '{reason}',
  SELF_SIGNED_CERT_IN_CHAIN: '{reason}',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: '{reason}',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: '{reason}',
  ERR_TLS_CERT_ALTNAME_INVALID: '{reason}',
  EPROTO: '{reason}',
} as const;

const systemSentence = sentencesOf('system', systemTexts);

/** What a system says, by its code where that is known, otherwise as it says it. */
export function systemReason(reason: string, code: string | undefined): Sentence {
  return code !== undefined && Object.hasOwn(systemTexts, code)
    ? systemSentence(code as keyof typeof systemTexts, { reason })
    : { sentence: reason, sentenceKey: '', sentenceValues: {} };
}
