import type { FastifyReply } from 'fastify';
import type { Failure } from '../../base/outcome.ts';
import { statusOf } from '../../contracts/errors.ts';
import { errorBodyOf } from '../../contracts/error-body.ts';

/** Answers a failure with its status and the body that all APIs share. */
export function sendFailure(reply: FastifyReply, problem: Failure): FastifyReply {
  return reply.code(statusOf(problem.code)).send(errorBodyOf(problem));
}
