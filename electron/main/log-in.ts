import { failed, success, type Outcome } from '../../backend/base/outcome.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import type { ErrorBody } from '../../backend/contracts/error-body.ts';
import { errorCatalogue, failure, spokenFailure, type ErrorCode } from '../../backend/contracts/errors.ts';
import { isSentence } from '../../backend/contracts/is-sentence.ts';
import { createApiProxy, type ApiProxy, type ApiTarget } from './api-proxy.ts';

/** Name and password of an admin. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

const path = '/api/v1/session';
const address = `http://mcos${path}`;

/** Logs in at the target of the proxy, which keeps the session. A failure is the Controller's own. */
export async function logInThrough(proxy: ApiProxy, { username, password }: Login): Promise<Outcome<void>> {
  const body = JSON.stringify({ username, password, kind: 'cookie' });
  const request = new Request(address, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
  const answer = await proxy.handle(request, path);
  if (answer.ok) {
    await answer.body?.cancel();
    return success(undefined);
  }
  const told = (await answer.json().catch(() => null)) as { error?: Partial<ErrorBody['error']> } | null;
  const code = String(told?.error?.code);
  const known = Object.hasOwn(errorCatalogue, code) ? (code as ErrorCode) : 'InternalError';
  if (told?.error?.message === undefined)
    return failed(spokenFailure(known, desktopRefusalSentence('oddLogin', { status: String(answer.status) })));
  const { message, spoken } = told.error;
  return failed({ ...failure(known, String(message)), ...(isSentence(spoken) && { spoken }) });
}

/** Whether this login is right there, leaving no session behind. Its failures are those of `logInThrough`. */
export async function checkLogin(target: ApiTarget, login: Login): Promise<Outcome<void>> {
  // One of its own: the page goes on with the Controller that it has.
  const proxy = createApiProxy();
  proxy.use(target);
  try {
    const tried = await logInThrough(proxy, login);
    if (tried.ok) await (await proxy.handle(new Request(address, { method: 'DELETE' }), path)).body?.cancel();
    return tried;
  } finally {
    proxy.stop();
  }
}
