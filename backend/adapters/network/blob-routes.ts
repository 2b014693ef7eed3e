import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BlobStore } from '../../base/blob-store.ts';
import type { ByteStream } from '../../base/bytes.ts';
import type { Logger } from '../../base/logger.ts';
import { FailureError, type Failure } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { reasonOf } from './rpc-client.ts';
import { sendFailure, sendJson } from './rpc-server.ts';
import { writeStream } from './write-stream.ts';

const rangePattern = /^\?start=(\d{1,16})&end=(\d{1,16})$/;

/** PUT, GET and DELETE /cluster/v1/blobs/<id>. The caller has checked that a node asks. Never rejects. */
export async function serveBlob(
  blobs: BlobStore,
  logger: Logger,
  id: string,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    if (request.method === 'PUT') await put(blobs, id, request, response);
    else if (request.method === 'GET') await get(blobs, id, query, response);
    else if (request.method === 'DELETE') await remove(blobs, id, response);
    else sendFailure(response, failure('NotImplemented', `Blobs know PUT, GET and DELETE, not ${request.method}.`));
  } catch (error) {
    // The other end went away, or a stored piece is damaged: in both cases nobody may take a part for the whole.
    if (response.headersSent || request.socket.destroyed) {
      response.destroy();
      request.destroy();
    } else sendFailure(response, problemOf(error));
    logger.debug({ blob: id, method: request.method, error: reasonOf(error) }, 'a blob request broke off');
  }
}

function problemOf(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure;
  return failure('StorageFailed', `The blob could not be stored: ${reasonOf(error)}. Try another node.`);
}

async function put(blobs: BlobStore, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const outcome = await blobs.write(id, request as ByteStream);
  if (response.destroyed) return;
  if (outcome.ok) sendJson(response, 200, { result: outcome.value });
  else sendFailure(response, outcome.failure);
}

async function get(blobs: BlobStore, id: string, query: string, response: ServerResponse): Promise<void> {
  const match = query === '' ? undefined : rangePattern.exec(query);
  if (match === null) return sendFailure(response, failure('InvalidRange', `"${query}" is not a range of bytes.`));
  const range = match === undefined ? undefined : { start: Number(match[1]), end: Number(match[2]) };
  const outcome = await blobs.read(id, range);
  if (!outcome.ok) return sendFailure(response, outcome.failure);
  const { info, content } = outcome.value;
  const start = Math.min(range?.start ?? 0, info.size);
  const length = Math.max(0, Math.min(range?.end ?? info.size, info.size) - start);
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': length, 'x-mcos-blob-size': info.size });
  await writeStream(response, content);
}

async function remove(blobs: BlobStore, id: string, response: ServerResponse): Promise<void> {
  const outcome = await blobs.remove(id);
  if (outcome.ok) sendJson(response, 200, {});
  else sendFailure(response, outcome.failure);
}
