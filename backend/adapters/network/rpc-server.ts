import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../base/clock.ts';
import type { ClusterIdentity, ClusterRpcRequest, ClusterRpcServer } from '../../base/cluster-rpc.ts';
import { toDisposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, type Failure, FailureError, type Outcome, success } from '../../base/outcome.ts';
import { errorBodyOf } from '../../contracts/error-body.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure, statusOf } from '../../contracts/errors.ts';
import { whyOf } from './error-reasons.ts';
import type { ClusterLimits } from './limits.ts';
import { describeIdentity } from './tls-options.ts';

type Method = { who: readonly ClusterIdentity['kind'][]; handler: (request: ClusterRpcRequest) => Promise<Outcome<unknown>> };

export interface RpcRoutes extends ClusterRpcServer {
  /** Answers POST /cluster/v1/<method>. Never rejects. */
  serve(method: string, identity: ClusterIdentity, request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** The registered methods and how a request becomes an answer. The caller has already refused fenced identities. */
export function createRpcRoutes(deps: { logger: Logger; clock: Clock; limits: ClusterLimits }): RpcRoutes {
  const methods = new Map<string, Method>();
  return {
    handle: (name, who, handler) => {
      if (!/^[a-z0-9-]{1,64}$/.test(name)) throw new Error(`"${name}" is no method name`);
      if (methods.has(name)) throw new Error(`method ${name} is registered already`);
      methods.set(name, { who, handler });
      return toDisposable(() => methods.delete(name));
    },
    serve: async (name, identity, request, response) => {
      const outcome = await run(name, identity, request);
      if (response.destroyed) return;
      if (outcome.ok) sendJson(response, 200, { result: outcome.value });
      else sendFailure(response, outcome.failure);
    },
  };

  async function run(name: string, identity: ClusterIdentity, request: IncomingMessage): Promise<Outcome<unknown>> {
    const method = methods.get(name);
    if (method === undefined) return failed(spokenFailure('NotFound', callSentence('noMethod', { method: name })));
    if (!method.who.includes(identity.kind)) {
      return failed(
        spokenFailure(
          'AccessDenied',
          callSentence('mayNotCall', { method: name, kinds: method.who.join(', ') }, describeIdentity(identity)),
        ),
      );
    }
    try {
      const body = await readJson(request, identity.kind === 'anonymous' ? deps.limits.anonymousBodyBytes : deps.limits.rpcBodyBytes);
      if (!body.ok) return body;
      return await method.handler({ from: identity, fromAddress: request.socket.remoteAddress ?? '', body: body.value });
    } catch (error) {
      if (error instanceof FailureError) return failed(error.failure);
      deps.logger.error({ error: error instanceof Error ? error.stack : String(error), method: name }, 'a cluster method threw');
      return failed(spokenFailure('InternalError', callSentence('defect', { method: name })));
    }
  }

  async function readJson(request: IncomingMessage, limitBytes: number): Promise<Outcome<unknown>> {
    const tooLarge = failed(spokenFailure('TooLarge', callSentence('longBody', { most: limitBytes })));
    if (Number(request.headers['content-length'] ?? 0) > limitBytes) return tooLarge;
    // A caller that stalls in the middle of its body must not hold a connection for ever.
    const timer = deps.clock.schedule(deps.limits.rpcBodyTimeoutMs, () => request.destroy());
    try {
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of request as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > limitBytes) return tooLarge;
        chunks.push(chunk);
      }
      return parseJson(Buffer.concat(chunks).toString('utf8'));
    } catch (error) {
      return failed(spokenFailure('IncompleteBody', callSentence('brokenBody', { reason: whyOf(error) })));
    } finally {
      timer.cancel();
    }
  }
}

function parseJson(text: string): Outcome<unknown> {
  if (text === '') return success(undefined);
  try {
    return success(JSON.parse(text) as unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return failed(spokenFailure('InvalidArgument', callSentence('bodyNoJson', {})));
  }
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
}

/** The failure as JSON with the status of the catalogue. */
export function sendFailure(response: ServerResponse, problem: Failure): void {
  sendJson(response, statusOf(problem.code), errorBodyOf(problem));
}
