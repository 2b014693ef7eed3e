import axios, { type AxiosInstance, type AxiosRequestConfig } from 'axios';

/** What went wrong, as the API says it; `code` of the error catalogue, or `Offline` when there was no answer. */
export class ApiError extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  constructor(code: string, message: string, status: number, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
    this.details = details;
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

/** One client a page. `onSessionEnd` is told when the API no longer knows the session. */
export function createApiClient(options: { onSessionEnd: () => void }): ApiClient {
  const http: AxiosInstance = axios.create({ baseURL: 'api/v1', timeout: 20_000, withCredentials: true });

  const send = async <T>(request: AxiosRequestConfig): Promise<T> => {
    try {
      return (await http.request<T>(request)).data;
    } catch (error) {
      const problem = apiErrorOf(error);
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
  const body = (answer.data as { error?: { code?: unknown; message?: unknown; details?: Record<string, unknown> } } | undefined)?.error;
  if (typeof body?.code === 'string' && typeof body.message === 'string')
    return new ApiError(body.code, body.message, answer.status, body.details ?? {});
  return new ApiError('InternalError', `HTTP ${answer.status}`, answer.status);
}
