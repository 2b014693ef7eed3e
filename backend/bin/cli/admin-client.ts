import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { Readable } from 'node:stream';
import axios, { type AxiosInstance, type AxiosResponse } from 'axios';
import { CommandError, usageError } from './command-error.ts';
import { defaultAdmin } from './default-admin.ts';
import { parseUrl } from './parse-values.ts';

/** Where the console is and who asks. From flags, else from the environment. */
export interface AdminAddress {
  readonly controller?: string;
  readonly ca?: string;
  readonly username?: string;
  readonly password?: string;
}

const requestTimeoutMs = 60_000;
const loginTimeoutMs = 30_000;

/** The admin API with a session of its own: logs in at the first call, again when the session has ended, logs out in `close`. */
export interface AdminClient {
  readonly url: string;
  get<T>(path: string, query?: Readonly<Record<string, string | number | undefined>>): Promise<T>;
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T>;
  /** A stream of bytes that goes on until `signal` aborts: the events. */
  stream(path: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Readable>;
  close(): Promise<void>;
}

/** Builds the client; throws a usage error when address or login are missing. Nothing is sent yet. */
export function createAdminClient(address: AdminAddress, environment: NodeJS.ProcessEnv = process.env): AdminClient {
  const url = parseUrl(address.controller ?? environment.MCOS_CONTROLLER ?? defaultAdmin.controller, '--controller (MCOS_CONTROLLER)', [
    'http',
    'https',
  ]);
  const username = address.username ?? environment.MCOS_USERNAME ?? defaultAdmin.username;
  const password = address.password ?? environment.MCOS_PASSWORD;
  if (password === undefined || password === '')
    throw usageError('The password of the admin is missing: set MCOS_PASSWORD (or --password).');
  const http = axios.create({
    baseURL: `${url}/api/v1`,
    timeout: requestTimeoutMs,
    maxRedirects: 0,
    proxy: false,
    validateStatus: () => true,
    headers: { origin: url, accept: 'application/json' },
    ...tlsOptions(url, address.ca ?? environment.MCOS_CA),
  });
  return new Session(url, http, username, password);
}

function tlsOptions(url: string, caFile: string | undefined): { httpsAgent?: Agent } {
  if (!url.startsWith('https:')) return {};
  if (caFile === undefined || caFile === '') return { httpsAgent: new Agent({ minVersion: 'TLSv1.3' }) };
  return { httpsAgent: new Agent({ minVersion: 'TLSv1.3', ca: certificateIn(caFile) }) };
}

/** Node ignores what is no certificate; the connection would then fail without telling why. */
function certificateIn(file: string): string {
  try {
    const pem = readFileSync(file, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    throw usageError(
      `--ca (MCOS_CA): "${file}" cannot be read as a certificate in PEM: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

class Session implements AdminClient {
  readonly url: string;
  readonly #http: AxiosInstance;
  readonly #username: string;
  readonly #password: string;
  #token: Promise<string> | null = null;

  constructor(url: string, http: AxiosInstance, username: string, password: string) {
    this.url = url;
    this.#http = http;
    this.#username = username;
    this.#password = password;
  }

  async get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    return this.#answer<T>(await this.#request(async (headers) => this.#http.get(path, { headers, params: query })));
  }

  async send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    return this.#answer<T>(
      await this.#request(async (headers) =>
        // Without a body axios would call nothing at all a form, which the Controller does not take.
        this.#http.request({ method, url: path, headers, ...(method === 'DELETE' ? {} : { data: body ?? {} }) }),
      ),
    );
  }

  async stream(path: string, extra: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Readable> {
    const answer = await this.#request(async (headers) =>
      this.#http.get(path, { headers: { ...headers, ...extra }, responseType: 'stream', timeout: 0, signal }),
    );
    if (answer.status !== 200)
      throw new CommandError('InternalError', `The Controller refused the stream ${path} with status ${answer.status}.`);
    return answer.data as Readable;
  }

  async close(): Promise<void> {
    if (this.#token === null) return;
    const token = await this.#token.catch(() => null);
    this.#token = null;
    if (token !== null)
      await this.#http.delete('/session', { headers: { authorization: `Bearer ${token}` }, timeout: 2_000 }).catch(() => undefined);
  }

  /** A command may wait for longer than a session lives: one that has ended is replaced once a request, and the request sent again. */
  async #request(run: (headers: Record<string, string>) => Promise<AxiosResponse>): Promise<AxiosResponse> {
    const session = this.#session();
    const answer = await this.#guard(run({ authorization: `Bearer ${await session}` }));
    // Only a session is refused so: nothing of the request was done.
    if (answer.status !== 401) return answer;
    drop(answer);
    if (this.#token === session) this.#token = null;
    return this.#guard(run({ authorization: `Bearer ${await this.#session()}` }));
  }

  /** All requests share one login. One that failed is not kept: the Controller may have been away. */
  #session(): Promise<string> {
    if (this.#token !== null) return this.#token;
    const token = this.#login();
    this.#token = token;
    token.catch(() => {
      if (this.#token === token) this.#token = null;
    });
    return token;
  }

  async #login(): Promise<string> {
    const answer = await this.#guard(
      this.#http.post('/session', { username: this.#username, password: this.#password, kind: 'bearer' }, { timeout: loginTimeoutMs }),
    );
    const session = this.#answer<{ token?: string }>(answer);
    if (session.token === undefined)
      throw new CommandError('InternalError', `The Controller at ${this.url} answered the login without a token.`);
    return session.token;
  }

  /** Turns a broken connection into a sentence. */
  async #guard(request: Promise<AxiosResponse>): Promise<AxiosResponse> {
    try {
      return await request;
    } catch (error) {
      if (!axios.isAxiosError(error)) throw error;
      throw unreachable(this.url, error.code ?? '', error.message);
    }
  }

  #answer<T>(answer: AxiosResponse): T {
    if (answer.status >= 200 && answer.status < 300) return answer.data as T;
    const problem: unknown = answer.data;
    const { code, message } = errorOf(problem) ?? {
      code: 'InternalError',
      message: `The Controller at ${this.url} answered with status ${answer.status}.`,
    };
    throw new CommandError(code, message);
  }
}

/** Gives the connection of a stream that nobody reads back. */
function drop(answer: AxiosResponse): void {
  if (answer.data instanceof Readable) answer.data.destroy();
}

const untrusted = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

function unreachable(url: string, code: string, message: string): CommandError {
  if (untrusted.includes(code))
    return new CommandError(
      'Untrusted',
      `The certificate of ${url} is not known here (${message}): give the cluster's own, the Controller's ca.pem, with --ca or MCOS_CA, or, where the console has a certificate of its own (--console-certificate), that of its authority.`,
    );
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return new CommandError('Untrusted', `The certificate of ${url} is for other names (${message}): use one of them as address.`);
  const reason = code === 'ECONNABORTED' ? 'no answer in time' : code === 'ERR_CANCELED' ? 'the request was cancelled' : message || code;
  return new CommandError(
    'Unreachable',
    `The Controller's console at ${url} cannot be reached (${reason}): is it running, and is the address right (MCOS_CONTROLLER)?`,
  );
}

function errorOf(body: unknown): { code: string; message: string } | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const error: unknown = body.error;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) return null;
  return { code: String(error.code), message: String(error.message) };
}
