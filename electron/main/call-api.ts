import { FailureError } from '../../backend/base/outcome.ts';
import { failure, spokenFailure } from '../../backend/contracts/errors.ts';
import { isSentence } from '../../backend/contracts/is-sentence.ts';
import type { ErrorBody } from '../../backend/contracts/error-body.ts';
import { desktopRefusalSentence } from '../../backend/contracts/desktop-refusal-texts.ts';
import type { ApiProxy } from './api-proxy.ts';
import type { CallApi } from './trial-cluster.ts';

/** Calls the admin API of the active Controller with the session that the page has. Throws `FailureError`. */
export function callApiThrough(proxy: ApiProxy): CallApi {
  return async <T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> => {
    const url = `/api/v1${path}`;
    const request = new Request(`http://mcos${url}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const answer = await proxy.handle(request, url);
    const told = (await answer.json()) as T & { error?: Partial<ErrorBody['error']> };
    if (answer.ok) return told;
    if (answer.status === 401) throw new FailureError(spokenFailure('NotAuthenticated', desktopRefusalSentence('notLoggedIn', {})));
    const { message = `status ${answer.status}`, spoken } = told.error ?? {};
    throw new FailureError({ ...failure('Conflict', message), ...(isSentence(spoken) && { spoken }) });
  };
}
