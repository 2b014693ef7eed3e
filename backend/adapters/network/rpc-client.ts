import type { Dispatcher } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import { failed, type Failure, type Outcome, success } from '../../base/outcome.ts';
import { cutText } from '../../contracts/bounded-sentence.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { isSentence } from '../../contracts/is-sentence.ts';
import { whyOf } from './error-reasons.ts';
import type { TargetPools } from './target-pools.ts';

/** Largest answer that is read. */
const answerLimitBytes = 64 * 1024 * 1024;

export function createRpcClient(pools: TargetPools, clock: Clock): ClusterRpcClient {
  return {
    call: async (target, method, body, options) => {
      let pool: Dispatcher;
      try {
        pool = pools.pool(target);
      } catch (error) {
        return failed(spokenFailure('Unreachable', callSentence('badAddress', { url: target.url, reason: whyOf(error) })));
      }
      return callOver(pool, clock, { where: target.url, method, body, timeoutMs: options.timeoutMs, signal: options.signal });
    },
  };
}

export interface OneCall {
  readonly where: string;
  readonly method: string;
  readonly body: unknown;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** One POST /cluster/v1/<method> over a dispatcher that checks the other end. Never rejects. */
export async function callOver(dispatcher: Dispatcher, clock: Clock, call: OneCall): Promise<Outcome<unknown>> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort();
  let state: 'running' | 'timed-out' = 'running';
  const timer = clock.schedule(call.timeoutMs, () => {
    state = 'timed-out';
    abort.abort();
  });
  if (call.signal?.aborted) abort.abort();
  call.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await dispatcher.request({
      method: 'POST',
      path: `/cluster/v1/${call.method}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(call.body ?? null),
      signal: abort.signal,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return outcomeOf(response.statusCode, await readAnswer(response.body), call);
  } catch (error) {
    const { where, method } = call;
    if ((state as string) === 'timed-out')
      return failed(spokenFailure('Timeout', callSentence('timeout', { where, method, milliseconds: String(call.timeoutMs) })));
    return failed(spokenFailure('Unreachable', callSentence('unreachable', { where, method, reason: whyOf(error) })));
  } finally {
    timer.cancel();
    call.signal?.removeEventListener('abort', onAbort);
  }
}

async function readAnswer(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > answerLimitBytes) throw new Error(`the answer has more than ${answerLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function outcomeOf(status: number, text: string, call: OneCall): Outcome<unknown> {
  const said = { where: call.where, method: call.method, status: String(status) };
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed(spokenFailure('Unreachable', callSentence('notJson', said)));
  }
  if (status === 200 && isRecord(answer)) return success(answer['result']);
  return failed(failureOf(answer) ?? spokenFailure('Unreachable', callSentence('otherProtocol', said)));
}

/** The failure inside an error body, if it is one; in English alone where its translations are none, or endless. */
export function failureOf(answer: unknown): Failure | undefined {
  const error = isRecord(answer) ? answer['error'] : undefined;
  if (!isRecord(error)) return undefined;
  const { code, message, details, spoken } = error;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  return { code, message: cutText(message), ...(isRecord(details) && { details }), ...(isSentence(spoken) && { spoken }) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
