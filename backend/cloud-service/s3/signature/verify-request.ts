import { timingSafeEqual } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../../base/clock.ts';
import type { HttpRequest } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { AccessKeyRecord } from '../../../contracts/names.ts';
import type { Names } from '../../names/names.ts';
import type { RequestTarget } from '../http/parse-target.ts';
import { s3Failed } from '../s3-errors.ts';
import { canonicalHash } from './canonical-request.ts';
import type { ClaimedSignature } from './parse-authorization.ts';
import { parseAuthorization, timestampMs } from './parse-authorization.ts';
import { sign, SigningKeys } from './signing-keys.ts';

const greatestSkewMs = 15 * 60 * 1000;

/** A request whose signature was verified, and what is needed to verify the chunks of its body. */
export interface VerifiedRequest {
  readonly form: 'header' | 'query';
  readonly accessKey: AccessKeyRecord;
  /** `x-amz-content-sha256`: a hex digest, UNSIGNED-PAYLOAD or one of the STREAMING forms. */
  readonly payload: string;
  readonly seed: { readonly key: KeyObject; readonly signature: string; readonly timestamp: string; readonly scope: string };
}

export type RequestVerifier = (request: HttpRequest, target: RequestTarget) => Promise<Outcome<VerifiedRequest>>;

/** Verifies Signature V4 in header or query over the raw path. Holds only a bounded cache of derived keys. */
export function createRequestVerifier(deps: { clock: Clock; names: Names; region: string }): RequestVerifier {
  const keys = new SigningKeys();
  return async (request, target) => {
    const claimed = parseAuthorization(request.headers, target);
    if (!claimed.ok) return claimed;
    if (!claimed.value) return s3Failed('AccessDenied', 'Access Denied. Anonymous access is not offered: sign the request.');
    const claim = claimed.value;
    const refused = checkScope(claim, deps.region, deps.clock.nowMs()) ?? checkSignedHeaders(claim, request);
    if (refused) return refused;
    const payload = payloadOf(claim, request);
    if (!payload.ok) return payload;
    const accessKey = await deps.names.accounts.byAccessKey(claim.accessKeyId);
    if (!accessKey.ok) {
      return accessKey.failure.code === 'NoSuchAccount'
        ? s3Failed('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.', {
            AWSAccessKeyId: claim.accessKeyId,
          })
        : accessKey;
    }
    const scope = `${claim.date}/${claim.region}/${claim.service}/aws4_request`;
    const key = keys.get(accessKey.value.secretAccessKey, claim.date, claim.region, claim.service);
    const hash = canonicalHash({
      method: request.method,
      rawPath: target.rawPath,
      query: claim.form === 'query' ? target.query.filter(([name]) => name !== 'X-Amz-Signature') : target.query,
      signedHeaders: claim.signedHeaders,
      headers: request.headers,
      payloadHash: payload.value,
    });
    if (!sameText(sign(key, `AWS4-HMAC-SHA256\n${claim.timestamp}\n${scope}\n${hash}`), claim.signature)) {
      return s3Failed(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        { AWSAccessKeyId: claim.accessKeyId },
      );
    }
    return success({
      form: claim.form,
      accessKey: accessKey.value,
      payload: payload.value,
      seed: { key, signature: claim.signature, timestamp: claim.timestamp, scope },
    });
  };
}

type Refusal = ReturnType<typeof s3Failed> | undefined;

function checkScope(claim: ClaimedSignature, region: string, nowMs: number): Refusal {
  const malformed = claim.form === 'header' ? 'AuthorizationHeaderMalformed' : 'AuthorizationQueryParametersError';
  if (claim.region !== region)
    return s3Failed(malformed, `The authorization is malformed; the region '${claim.region}' is wrong; expecting '${region}'`, {
      Region: region,
    });
  if (claim.service !== 's3')
    return s3Failed(malformed, `The authorization is malformed; incorrect service "${claim.service}". This endpoint belongs to "s3".`);
  if (!claim.timestamp.startsWith(claim.date))
    return s3Failed(malformed, `The date of the credential, ${claim.date}, is not that of the request, ${claim.timestamp}.`);
  const signedAtMs = timestampMs(claim.timestamp);
  const tooEarly = nowMs < signedAtMs - greatestSkewMs;
  if (claim.form === 'query') {
    if (tooEarly) return s3Failed('AccessDenied', 'Request is not yet valid');
    if (nowMs > signedAtMs + (claim.expiresSeconds ?? 0) * 1000) return s3Failed('AccessDenied', 'Request has expired');
    return undefined;
  }
  if (tooEarly || nowMs > signedAtMs + greatestSkewMs) {
    return s3Failed('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', {
      RequestTime: claim.timestamp,
      ServerTime: new Date(nowMs).toISOString(),
      MaxAllowedSkewMilliseconds: greatestSkewMs,
    });
  }
  return undefined;
}

/** Host and every x-amz- header must be covered: what is not signed could have been added on the way. */
function checkSignedHeaders(claim: ClaimedSignature, request: HttpRequest): Refusal {
  const covered = claim.signedHeaders;
  let missing = covered.includes('host') ? undefined : 'host';
  for (const name in request.headers) {
    if (name.startsWith('x-amz-') && !covered.includes(name) && !(claim.form === 'query' && name === 'x-amz-content-sha256'))
      missing = name;
  }
  return missing === undefined
    ? undefined
    : s3Failed('AccessDenied', 'There were headers present in the request which were not signed', { HeadersNotSigned: missing });
}

const payloadForms = new Set([
  'UNSIGNED-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
]);

function payloadOf(claim: ClaimedSignature, request: HttpRequest): Outcome<string> {
  const payload = request.headers['x-amz-content-sha256'];
  if (payload === undefined)
    return claim.form === 'query'
      ? success('UNSIGNED-PAYLOAD')
      : s3Failed('InvalidRequest', 'Missing required header for this request: x-amz-content-sha256');
  if (payloadForms.has(payload) || /^[0-9a-f]{64}$/.test(payload)) return success(payload);
  if (payload.startsWith('STREAMING-')) return s3Failed('NotImplemented', `The payload form ${payload} is not offered.`);
  return s3Failed(
    'InvalidArgument',
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-UNSIGNED-PAYLOAD-TRAILER or a valid sha256 value.',
  );
}

export function sameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}
