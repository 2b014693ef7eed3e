import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';
import type { ErrorBody } from '../../backend/contracts/error-body.ts';
import { isSentence } from '../../backend/contracts/is-sentence.ts';
import type { Sentence } from '../../backend/contracts/spoken.ts';

/**
 * What went wrong, as the API says it; `code` of the error catalogue, `Offline` when there was no answer, `OtherVersion` when
 * what answered does not speak this API.
 */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  /** The message for translations, where it has any. */
  readonly spoken: Sentence | undefined;
  constructor(code: string, message: string, status: number, more: Omit<ErrorBody['error'], 'code' | 'message'> = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = more.details ?? {};
    this.spoken = isSentence(more.spoken) ? more.spoken : undefined;
  }
}

export interface ApiClient {
  get<T>(path: string, query?: Record<string, string | number>): Promise<T>;
  post<T>(path: string, body?: unknown): Promise<T>;
  /** A whole JSON value in the place of the one that is there. */
  replace<T>(path: string, body: unknown): Promise<T>;
  delete<T>(path: string, query?: Record<string, string>): Promise<T>;
  /** Raw bytes, with progress. */
  put<T>(
    path: string,
    query: Record<string, string>,
    body: Blob,
    options: { contentType: string; signal: AbortSignal; onProgress: (sentBytes: number) => void },
  ): Promise<T>;
}

/** A question without an answer for so long has none. */
export const answerTimeoutMs = 20_000;

/** One client a page. `onSessionEnd` is told when the API no longer knows the session, `onDate` what each answer says the time is. */
export function createApiClient(options: { onSessionEnd: () => void; onDate?: (date: string) => void }): ApiClient {
  const http: AxiosInstance = axios.create({ baseURL: 'api/v1', timeout: answerTimeoutMs, withCredentials: true });

  const send = async <T>(request: AxiosRequestConfig): Promise<T> => {
    try {
      const answer = await http.request<T>(request);
      const { date, 'content-type': type } = answer.headers as Readonly<Record<string, string | undefined>>;
      if (date !== undefined) options.onDate?.(date);
      // A page instead of a value: a server that knows no such call.
      if (type?.includes('text/html')) throw otherVersion(answer.status);
      return answer.data;
    } catch (error) {
      const problem = error instanceof ApiError ? error : apiErrorOf(error);
      if (problem.code === 'NotAuthenticated') options.onSessionEnd();
      throw problem;
    }
  };

  return {
    get: (path, query) => send({ method: 'GET', url: path, params: query }),
    post: (path, body) => send({ method: 'POST', url: path, data: body }),
    replace: (path, body) => send({ method: 'PUT', url: path, data: body }),
    delete: (path, query) => send({ method: 'DELETE', url: path, params: query }),
    put: (path, query, body, { contentType, signal, onProgress }) =>
      send({
        method: 'PUT',
        url: path,
        params: query,
        data: body,
        signal,
        timeout: 0,
        headers: { 'content-type': contentType },
        onUploadProgress: (event) => onProgress(event.loaded),
      }),
  };
}

function apiErrorOf(error: unknown): ApiError {
  if (axios.isCancel(error)) return new ApiError('Cancelled', '', 0);
  if (!axios.isAxiosError(error)) throw error;
  const answer = error.response;
  if (!answer) return new ApiError('Offline', error.message, 0);
  const body = (answer.data as { error?: Partial<ErrorBody['error']> } | undefined)?.error;
  if (typeof body?.code === 'string' && typeof body.message === 'string') return new ApiError(body.code, body.message, answer.status, body);
  // Every refusal of this API has a body, every call it knows is found.
  if (answer.status === 404 || answer.status === 410) return otherVersion(answer.status);
  return new ApiError('InternalError', `HTTP ${answer.status}`, answer.status);
}

/** What answers is another version, or another program. */
export function otherVersion(status: number): ApiError {
  return new ApiError('OtherVersion', 'What answers here does not speak the API of this page.', status);
}
