import type { HttpHandler, HttpRequest, HttpResponse } from '../../base/http-port.ts';
import { toHex } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, FailureError } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { mayRead } from '../admin-cloud-controller/serving-state.ts';
import { serveDownload } from './download.ts';
import { errorResponse } from './http/error-response.ts';
import { refuseHeaders } from './http/not-offered-headers.ts';
import { parseTarget } from './http/parse-target.ts';
import { withPresignedHeaders } from './http/presigned-headers.ts';
import type { S3Deps } from './operation.ts';
import { routeOf } from './route.ts';
import { s3Failed } from './s3-errors.ts';
import type { RequestVerifier } from './signature/verify-request.ts';
import { createRequestVerifier } from './signature/verify-request.ts';

const downloadPrefix = '/_mcos/download/';

/** The S3 interface of a node. Every request gets an answer; a defect is logged and answered with InternalError. */
export function createS3Handler(deps: S3Deps): HttpHandler {
  const verify = createRequestVerifier(deps);
  return async (request) => {
    const requestId = toHex(deps.random.bytes(8)).toUpperCase();
    const response = await answer(deps, verify, request, requestId);
    return { ...response, headers: { ...response.headers, 'x-amz-request-id': requestId, server: 'MCOS' } };
  };
}

async function answer(deps: S3Deps, verify: RequestVerifier, request: HttpRequest, requestId: string): Promise<HttpResponse> {
  try {
    const outcome = await run(deps, verify, request);
    return outcome.ok ? outcome.value : errorResponse(request, outcome.failure, requestId);
  } catch (error) {
    if (error instanceof FailureError) return errorResponse(request, error.failure, requestId);
    deps.logger.error(
      { requestId, method: request.method, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      'An S3 request failed by a defect.',
    );
    return errorResponse(request, failure('InternalError', 'We encountered an internal error. Please try again.'), requestId);
  }
}

async function run(deps: S3Deps, verify: RequestVerifier, received: HttpRequest): Promise<Outcome<HttpResponse>> {
  const refused = refuseAmbiguousHost(received);
  if (refused) return refused;
  if (received.rawTarget.startsWith(downloadPrefix)) return serveDownload(deps, received, received.rawTarget.slice(downloadPrefix.length));
  const serving = deps.serving();
  if (!mayRead(serving))
    return s3Failed(
      'ServiceUnavailable',
      `This Cloud Service does not serve objects now: ${'reason' in serving ? serving.reason.sentence : serving.kind}`,
    );
  const target = parseTarget(received.rawTarget);
  if (!target.ok) return target;
  const verified = await verify(received, target.value);
  if (!verified.ok) return verified;
  const request = verified.value.form === 'query' ? withPresignedHeaders(received, target.value) : received;
  const route = routeOf(request, target.value);
  if (!route.ok) return route;
  const notOffered = refuseHeaders(request.headers);
  if (notOffered) return notOffered;
  if (route.value.writes && serving.kind !== 'serving' && request.method !== 'DELETE') {
    return serving.kind === 'read-only'
      ? failed(failure('StorageFull', `This Cloud Service takes no new objects now: ${serving.reason.sentence}`))
      : s3Failed('ServiceUnavailable', 'This Cloud Service does not serve objects now.');
  }
  return route.value.operation({ deps, request, target: target.value, verified: verified.value });
}

/** Two Host headers, or a target that names another server: somebody in between may have understood it differently. */
function refuseAmbiguousHost(request: HttpRequest): (Outcome<never> & { ok: false }) | undefined {
  let hosts = 0;
  for (let index = 0; index < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  if (hosts !== 1) return s3Failed('InvalidRequest', `A request must have exactly one Host header, not ${hosts}.`);
  if (!request.rawTarget.startsWith('/')) return s3Failed('InvalidURI', 'The request target must be a path, not a whole address.');
  return undefined;
}
