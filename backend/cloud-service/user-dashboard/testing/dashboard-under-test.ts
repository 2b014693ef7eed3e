import { request as httpRequest } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import { silentLogger } from '../../../base/logger.ts';
import type { ServingState } from '../../admin-cloud-controller/serving-state.ts';
import { createOneTimeDownloads } from '../../objects/one-time-downloads.ts';
import { createUserDashboard } from '../user-dashboard.ts';
import { createMemoryCloud, type MemoryCloud } from './memory-cloud.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  json<T>(): T;
}

export interface DashboardUnderTest {
  readonly cloud: MemoryCloud;
  readonly port: number;
  serving: ServingState;
  readonly downloads: ReturnType<typeof createOneTimeDownloads>;
  /** Moves both clocks; scheduled tasks do not run by themselves. */
  advance(ms: number): void;
  call(
    method: string,
    path: string,
    options?: { body?: unknown; raw?: Uint8Array; headers?: Record<string, string>; cookie?: string },
  ): Promise<Answer>;
  /** Logs in and answers the cookie. */
  logIn(name: string, password: string): Promise<string>;
  stop(): Promise<void>;
}

/** A real dashboard on a real loopback port over a cloud in memory. Passwords: `an`/`correct horse`, `binh`/`battery staple`. */
export async function startDashboardUnderTest(pagesDirectory?: string): Promise<DashboardUnderTest> {
  let nowMs = 1_000_000;
  let seed = 1;
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => nowMs, schedule: () => ({ cancel: () => undefined }) };
  const random = {
    bytes: (length: number) => Uint8Array.from({ length }, () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff),
    fraction: () => 0.5,
  };
  const cloud = createMemoryCloud();
  cloud.addAccount('an', 'plain:correct horse');
  cloud.addAccount('binh', 'plain:battery staple');
  const downloads = createOneTimeDownloads({ clock, random });
  const state: { serving: ServingState } = { serving: { kind: 'serving' } };
  const dashboard = createUserDashboard({
    clock,
    random,
    logger: silentLogger,
    names: cloud.names,
    objects: cloud.objects,
    passwordHasher: {
      hash: (password) => Promise.resolve(`plain:${password}`),
      verify: (password, hashed) => Promise.resolve(hashed === `plain:${password}`),
    },
    serving: () => state.serving,
    downloads,
    s3Url: () => 'http://127.0.0.1:7411',
    node: { name: 'han-1', zone: 'han' },
    ...(pagesDirectory === undefined ? {} : { pagesDirectory }),
    listen: { host: '127.0.0.1', port: 0 },
  });
  await dashboard.start();

  // Not fetch: it does not let a test choose the Host header.
  const call: DashboardUnderTest['call'] = (method, path, options = {}) =>
    new Promise((resolve, reject) => {
      const body = options.raw ?? (options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body)));
      const headers: Record<string, string> = {
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(body ? { 'content-length': String(body.length) } : {}),
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
        ...options.headers,
      };
      const request = httpRequest({ host: '127.0.0.1', port: dashboard.port, method, path, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: <T>() => JSON.parse(text) as T });
        });
      });
      request.on('error', reject);
      request.end(body);
    });

  return {
    cloud,
    downloads,
    port: dashboard.port,
    get serving() {
      return state.serving;
    },
    set serving(next) {
      state.serving = next;
    },
    advance: (ms) => {
      nowMs += ms;
    },
    call,
    async logIn(username, password) {
      const answer = await call('POST', '/api/v1/session', { body: { username, password } });
      return String(answer.headers['set-cookie']).split(';')[0] ?? '';
    },
    stop: () => dashboard.stop(),
  };
}
