import type { PartStored, UploadCreated } from '../../../backend/contracts/dashboard-api.ts';
import { ApiError, type ApiClient } from '../../shared/api-client.ts';

/** One file on its way up: whole when it is small, else in parts that a broken line costs one at a time. */

const partBytes = 8 * 2 ** 20;
/** More parts than this are refused, so very large files get larger parts. */
const mostParts = 10_000;
const partsAtOnce = 3;
/** A part that fails for a passing reason is sent again by itself this often. */
const partAttempts = 3;
const passingTroubles = new Set(['Offline', 'Busy', 'QuorumUnavailable', 'OutcomeUnknown', 'NotReady']);

/** What is stored already, so that *Try again* goes on where it stopped. Changed by `sendFile` alone. */
export interface Resumption {
  uploadId: string | null;
  readonly etags: Map<number, string>;
}

export interface FileToSend {
  readonly bucket: string;
  readonly key: string;
  readonly file: File;
  readonly resumption: Resumption;
  readonly signal: AbortSignal;
  readonly onProgress: (sentBytes: number) => void;
}

/** Throws ApiError; `Cancelled` when the signal was aborted. */
export async function sendFile(api: ApiClient, request: FileToSend): Promise<void> {
  const { bucket, key, file, signal, onProgress } = request;
  const contentType = file.type || 'application/octet-stream';
  if (file.size > 2 * partBytes) return sendInParts(api, request, contentType);
  await api.put(`buckets/${encodeURIComponent(bucket)}/objects`, { key }, file, { contentType, signal, onProgress });
}

/** Tells the node that the parts are not wanted any more; what it cannot be told now, its sweep removes. */
export async function giveUpParts(
  api: ApiClient,
  { bucket, key, resumption }: Pick<FileToSend, 'bucket' | 'key' | 'resumption'>,
): Promise<void> {
  if (resumption.uploadId === null) return;
  try {
    await api.delete(`buckets/${encodeURIComponent(bucket)}/uploads/${encodeURIComponent(resumption.uploadId)}`, { key });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

async function sendInParts(api: ApiClient, request: FileToSend, contentType: string): Promise<void> {
  const { bucket, key, file, resumption } = request;
  const uploads = `buckets/${encodeURIComponent(bucket)}/uploads`;
  resumption.uploadId ??= (await api.post<UploadCreated>(uploads, { key, contentType })).uploadId;
  const path = `${uploads}/${encodeURIComponent(resumption.uploadId)}`;
  try {
    const parts = await sendMissingParts(api, path, request);
    await api.post(`${path}?key=${encodeURIComponent(key)}`, { size: file.size, parts });
  } catch (error) {
    // The parts are gone (given up elsewhere, or swept): the next attempt starts from nothing.
    if (error instanceof ApiError && error.code === 'NoSuchUpload') {
      resumption.uploadId = null;
      resumption.etags.clear();
    }
    throw error;
  }
}

async function sendMissingParts(
  api: ApiClient,
  path: string,
  { key, file, resumption, signal, onProgress }: FileToSend,
): Promise<{ partNumber: number; etag: string }[]> {
  const size = Math.max(partBytes, Math.ceil(file.size / mostParts));
  const count = Math.ceil(file.size / size);
  const sent = new Map<number, number>();
  const sliceOf = (part: number): Blob => file.slice((part - 1) * size, Math.min(file.size, part * size));
  for (const part of resumption.etags.keys()) sent.set(part, sliceOf(part).size);
  const report = (): void => onProgress([...sent.values()].reduce((sum, bytes) => sum + bytes, 0));
  // One part that fails for good stops the others too: they would be sent in vain.
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);

  let next = 1;
  const worker = async (): Promise<void> => {
    for (let part = next++; part <= count; part = next++) {
      if (resumption.etags.has(part)) continue;
      const own = part;
      const { etag } = await sendPart(api, path, { key, part: String(own) }, sliceOf(own), either, (bytes) => {
        sent.set(own, Math.min(bytes, size));
        report();
      });
      resumption.etags.set(own, etag);
    }
  };
  const outcomes = await Promise.allSettled(
    Array.from({ length: partsAtOnce }, () =>
      worker().catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  // The first cause, not the others' being stopped because of it.
  const cause = signal.aborted
    ? failures[0]
    : (failures.find((error) => !(error instanceof ApiError) || error.code !== 'Cancelled') ?? failures[0]);
  if (cause !== undefined) throw cause;
  return [...resumption.etags].sort(([left], [right]) => left - right).map(([partNumber, etag]) => ({ partNumber, etag }));
}

async function sendPart(
  api: ApiClient,
  path: string,
  query: { key: string; part: string },
  body: Blob,
  signal: AbortSignal,
  onProgress: (sentBytes: number) => void,
): Promise<PartStored> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await api.put<PartStored>(path, query, body, { contentType: 'application/octet-stream', signal, onProgress });
    } catch (error) {
      onProgress(0);
      if (!(error instanceof ApiError) || !passingTroubles.has(error.code) || attempt === partAttempts || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
}
