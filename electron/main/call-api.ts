import { FailureError } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
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
    const told = (await answer.json()) as T & { error?: { message?: unknown } };
    if (answer.ok) return told;
    const message =
      answer.status === 401 ? 'Log in to the Controller on this computer first.' : String(told.error?.message ?? `status ${answer.status}`);
    throw new FailureError(failure(answer.status === 401 ? 'NotAuthenticated' : 'Conflict', message));
  };
}
