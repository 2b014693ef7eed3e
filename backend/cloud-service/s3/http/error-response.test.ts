import { expect, it } from 'vitest';
import type { HttpRequest } from '../../../base/http-port.ts';
import type { ErrorCode } from '../../../contracts/errors.ts';
import { failure } from '../../../contracts/errors.ts';
import { errorResponse } from './error-response.ts';

const request = { method: 'PUT', rawTarget: '/bucket/key' } as HttpRequest;
const comeBack: ErrorCode[] = ['OutcomeUnknown', 'QuorumUnavailable', 'Timeout', 'Unreachable', 'Busy', 'NotReady'];

it.each(comeBack)('%s is a 503 that says when to try again, never a failure that is certain', (code) => {
  const response = errorResponse(request, failure(code, 'not now'), 'id');
  expect(response.status).toBe(503);
  expect(response.headers['retry-after']).toBe('1');
});
