import type { ServerResponse } from 'node:http';
import type { ByteStream } from '../../base/bytes.ts';

/**
 * Writes `content` and ends the response, pulling only as fast as the client takes it. Rejects when
 * the content throws or the client goes away; the content's iterator is closed in every case.
 */
export async function writeStream(response: ServerResponse, content: ByteStream): Promise<void> {
  for await (const chunk of content) {
    if (response.destroyed) throw new Error('the client went away');
    if (chunk.length > 0 && !response.write(chunk)) await drained(response);
  }
  if (response.destroyed) throw new Error('the client went away');
  response.end();
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      response.off('drain', onDrain);
      response.off('close', onClose);
    };
    const onDrain = (): void => {
      done();
      resolve();
    };
    const onClose = (): void => {
      done();
      reject(new Error('the client went away'));
    };
    response.on('drain', onDrain);
    response.on('close', onClose);
    if (response.destroyed) onClose();
  });
}
