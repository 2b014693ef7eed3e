import type { FastifyReply } from 'fastify';
import type { Failure } from '../../base/outcome.ts';
import { statusOf } from '../../contracts/errors.ts';
import type { ErrorBody } from '../../contracts/admin-api.ts';

/** Answers a failure with its status and the body that all APIs share. */
export function sendFailure(reply: FastifyReply, problem: Failure): FastifyReply {
  const body: ErrorBody = { error: { code: problem.code, message: problem.message } };
  if (problem.details !== undefined) body.error.details = { ...problem.details };
  return reply.code(statusOf(problem.code)).send(body);
}
