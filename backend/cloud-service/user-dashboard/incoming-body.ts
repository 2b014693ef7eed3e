import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { failed, success, type Failure, type Outcome } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import { sendFailure } from './replies.ts';

/** Bodies that are streamed: a whole file, or a part of one. */

export const maxUploadBytes = 5 * 2 ** 30;
const maxAtOnce = 64;

export interface IncomingBodies {
  /**
   * Takes a place among those that run, hands `store` the length and a signal that aborts when the
   * browser goes away, and answers with what it says. Invariant: at most 64 run at once.
   */
  receive<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    store: (length: number, signal: AbortSignal) => Promise<Outcome<T>>,
  ): Promise<FastifyReply>;
}

export function createIncomingBodies(): IncomingBodies {
  let running = 0;
  return {
    async receive(request, reply, store) {
      const length = declaredLength(request);
      if (!length.ok) return refuseBody(request, reply, length.failure);
      if (running >= maxAtOnce)
        return refuseBody(request, reply, spokenFailure('Busy', fileRefusalSentence('uploadsBusy', { uploads: maxAtOnce })));
      running++;
      const gone = new AbortController();
      reply.raw.once('close', () => {
        if (!reply.raw.writableFinished) gone.abort();
      });
      try {
        const stored = await store(length.value, gone.signal);
        return stored.ok ? reply.send(stored.value) : refuseBody(request, reply, stored.failure);
      } finally {
        running--;
      }
    },
  };
}

/** Routes in this scope get the raw body: bytes go to `objects` as they arrive, with back-pressure. */
export function withRawBodies(parent: FastifyInstance, routes: (server: FastifyInstance) => void): void {
  parent.register((server, _options, done) => {
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', (_request, _payload, parsed) => {
      parsed(null);
    });
    routes(server);
    done();
  });
}

/** The rest of the body is read and thrown away, so that the browser gets to see the answer. */
function refuseBody(request: FastifyRequest, reply: FastifyReply, problem: Failure): FastifyReply {
  if (!request.raw.destroyed) request.raw.resume();
  return sendFailure(reply, problem);
}

function declaredLength(request: FastifyRequest): Outcome<number> {
  const text = request.headers['content-length'];
  if (text === undefined || !/^\d{1,15}$/.test(text)) return failed(spokenFailure('InvalidArgument', fileRefusalSentence('noLength', {})));
  const length = Number(text);
  if (length > maxUploadBytes)
    return failed(spokenFailure('EntityTooLarge', fileRefusalSentence('longUpload', { length, most: maxUploadBytes })));
  return success(length);
}
