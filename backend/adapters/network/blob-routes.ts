import type { IncomingMessage, ServerResponse } from 'node:http';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { maxTouchedBlobs, type BlobStore } from '../../base/blob-store.ts';
import type { ByteStream } from '../../base/bytes.ts';
import type { ClusterRpcServer } from '../../base/cluster-rpc.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, FailureError, success, type Failure } from '../../base/outcome.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { BlobId } from '../../contracts/ids.ts';
import { reasonOf, whyOf } from './error-reasons.ts';
import { sendFailure, sendJson } from './rpc-server.ts';
import { writeStream } from './write-stream.ts';

/** The owner's text, in base64url: keys hold bytes that headers cannot. */
export const ownerHeader = 'x-mcos-blob-owner';

export function encodeOwner(owner: string): string {
  return Buffer.from(owner, 'utf8').toString('base64url');
}

export function decodeOwner(header: string | string[] | undefined): string {
  return typeof header === 'string' ? Buffer.from(header, 'base64url').toString('utf8') : '';
}

const touchRequest = Compile(Type.Object({ ids: Type.Array(BlobId, { maxItems: maxTouchedBlobs }) }));

/** POST /cluster/v1/blobs-touch: a node asks which of its blobs may not be named. */
export function serveTouch(server: ClusterRpcServer, blobs: BlobStore): Disposable {
  return server.handle('blobs-touch', ['node'], async ({ body }) => {
    if (!touchRequest.Check(body)) return failed(failure('InvalidArgument', 'A touch names at most 1000 blob ids.'));
    return success({ refused: await blobs.touch(body.ids) });
  });
}

const rangePattern = /^\?start=(\d{1,16})&end=(\d{1,16})(&from=quarantine)?$/;

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
  return spokenFailure('StorageFailed', callSentence('blobUnstored', { reason: whyOf(error) }));
}

async function put(blobs: BlobStore, id: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const owner = decodeOwner(request.headers[ownerHeader]);
  const outcome = await blobs.write(id, request as ByteStream, owner);
  if (response.destroyed) return;
  if (outcome.ok) sendJson(response, 200, { result: outcome.value });
  else sendFailure(response, outcome.failure);
}

async function get(blobs: BlobStore, id: string, query: string, response: ServerResponse): Promise<void> {
  const match = query === '' ? undefined : rangePattern.exec(query);
  if (match === null) return sendFailure(response, failure('InvalidRange', `"${query}" is not a range of bytes.`));
  const range = match === undefined ? undefined : { start: Number(match[1]), end: Number(match[2]) };
  const isAside = range !== undefined && match?.[3] !== undefined;
  const outcome = await (isAside ? blobs.readQuarantined(id, range) : blobs.read(id, range));
  if (!outcome.ok) return sendFailure(response, outcome.failure);
  const { info, content } = outcome.value;
  const start = Math.min(range?.start ?? 0, info.size);
  const length = Math.max(0, Math.min(range?.end ?? info.size, info.size) - start);
  response.writeHead(200, {
    'content-type': 'application/octet-stream',
    'content-length': length,
    'x-mcos-blob-size': info.size,
    [ownerHeader]: encodeOwner(info.owner),
  });
  await writeStream(response, content);
}

async function remove(blobs: BlobStore, id: string, response: ServerResponse): Promise<void> {
  const outcome = await blobs.remove(id);
  if (outcome.ok) sendJson(response, 200, {});
  else sendFailure(response, outcome.failure);
}
