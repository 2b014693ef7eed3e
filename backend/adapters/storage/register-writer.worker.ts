import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { spokenFailure } from '../../contracts/errors.ts';
import { storageSentence } from '../../contracts/storage-texts.ts';
import { createDiskReserve } from './disk-reserve.ts';
import { createPrivateFile } from './private-file.ts';
import { unpackBatches } from './packed-batches.ts';
import { prepareRegisterDatabase } from './register-schema.ts';
import { createRegisterWriter } from './register-writer.ts';
import type { WriterReply, WriterRequest } from './register-writer-messages.ts';
import { causeOf } from './sqlite-errors.ts';

// The thread that owns the writing connection. The main thread sends the whole queue at once and
// sends the next only after the reply: whatever arrived in between shares one commit.
const port = parentPort;
if (port === null) throw new Error('register-writer.worker.ts runs as a worker thread only');
const path = (workerData as { path: string }).path;
const reply = (message: WriterReply): void => port.postMessage(message);

try {
  createPrivateFile(path);
  const database = new DatabaseSync(path, { timeout: 5000 });
  prepareRegisterDatabase(database);
  const reserve = createDiskReserve(`${path}.reserve`);
  // Laid out now, so that the first write, which a joining node waits for, does not wait for it.
  reserve.check();
  const writer = createRegisterWriter(database, path, reserve);
  port.on('message', (request: WriterRequest) => {
    if (request.kind === 'write') {
      reply({ kind: 'written', ...writer.write(unpackBatches(request.packed)) });
      return;
    }
    writer.close();
    reply({ kind: 'closed' });
    port.close();
  });
  reply({ kind: 'ready' });
} catch (error) {
  reply({ kind: 'unusable', failure: spokenFailure('StorageFailed', storageSentence('cannotOpen', { path, reason: causeOf(error) })) });
  port.close();
}
