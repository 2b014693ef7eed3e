import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { ApiError } from '../../shared/api-client.ts';
import { giveUpParts, sendFile, type Resumption } from '../uploads/send-file.ts';
import { useSessionStore } from './session.ts';

export type UploadState =
  | { kind: 'waiting' }
  | { kind: 'sending'; sentBytes: number }
  | { kind: 'done' }
  | { kind: 'failed'; problem: ApiError }
  | { kind: 'cancelled' };

export interface Upload {
  readonly id: number;
  readonly bucket: string;
  readonly key: string;
  /** With the folders that were picked along with it. */
  readonly name: string;
  readonly size: number;
  state: UploadState;
}

/** What a list need not show: the bytes, and how far they are. */
interface Job {
  readonly file: File;
  readonly resumption: Resumption;
  abort: AbortController | null;
}

const atOnce = 3;
const isOpen = (upload: Upload): boolean => upload.state.kind === 'waiting' || upload.state.kind === 'sending';

/** Files on their way up, three at a time, in the order in which they were given. */
export const useUploadsStore = defineStore('uploads', () => {
  const { api } = useSessionStore();
  const uploads = ref<Upload[]>([]);
  const jobs = new Map<number, Job>();
  let lastId = 0;
  let onStored: ((bucket: string) => void) | undefined;

  const active = computed(() => uploads.value.filter(isOpen).length);
  const failed = computed(() => uploads.value.filter((upload) => upload.state.kind === 'failed').length);
  const sentBytes = computed(() =>
    uploads.value.reduce(
      (sum, { state, size }) => sum + (state.kind === 'done' ? size : state.kind === 'sending' ? state.sentBytes : 0),
      0,
    ),
  );
  const totalBytes = computed(() => uploads.value.reduce((sum, { state, size }) => sum + (state.kind === 'cancelled' ? 0 : size), 0));

  const send = async (upload: Upload, job: Job): Promise<void> => {
    const { bucket, key } = upload;
    const abort = new AbortController();
    job.abort = abort;
    upload.state = { kind: 'sending', sentBytes: 0 };
    try {
      await sendFile(api, {
        bucket,
        key,
        file: job.file,
        resumption: job.resumption,
        signal: abort.signal,
        onProgress: (bytes) => {
          if (upload.state.kind === 'sending') upload.state = { kind: 'sending', sentBytes: Math.min(bytes, upload.size) };
        },
      });
      upload.state = { kind: 'done' };
      onStored?.(bucket);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      upload.state = abort.signal.aborted ? { kind: 'cancelled' } : { kind: 'failed', problem: error };
      if (abort.signal.aborted) void giveUpParts(api, { bucket, key, resumption: job.resumption });
    } finally {
      job.abort = null;
      if (upload.state.kind !== 'failed') jobs.delete(upload.id);
      pump();
    }
  };

  const pump = (): void => {
    let free = atOnce - uploads.value.filter((upload) => upload.state.kind === 'sending').length;
    for (const upload of uploads.value) {
      if (free <= 0) return;
      const job = jobs.get(upload.id);
      if (upload.state.kind !== 'waiting' || !job) continue;
      free--;
      void send(upload, job);
    }
  };

  const cancel = (upload: Upload): void => {
    const job = jobs.get(upload.id);
    if (job?.abort) return job.abort.abort();
    if (job) void giveUpParts(api, { bucket: upload.bucket, key: upload.key, resumption: job.resumption });
    jobs.delete(upload.id);
    upload.state = { kind: 'cancelled' };
  };

  return {
    uploads,
    active,
    failed,
    sentBytes,
    totalBytes,
    cancel,
    whenStored: (listener: ((bucket: string) => void) | undefined): void => {
      onStored = listener;
    },
    add: (bucket: string, items: readonly { key: string; name: string; file: File }[]): void => {
      for (const { key, name, file } of items) {
        const id = ++lastId;
        jobs.set(id, { file, resumption: { uploadId: null, etags: new Map() }, abort: null });
        uploads.value.push({ id, bucket, key, name, size: file.size, state: { kind: 'waiting' } });
      }
      pump();
    },
    retry: (upload: Upload): void => {
      if (!jobs.has(upload.id)) return;
      upload.state = { kind: 'waiting' };
      pump();
    },
    /** Takes what has ended off the list; what failed stays until it is tried again or cancelled. */
    clear: (): void => {
      uploads.value = uploads.value.filter((upload) => isOpen(upload) || upload.state.kind === 'failed');
    },
    /** Somebody else is here now: nothing of the last person's list stays. */
    reset: (): void => {
      for (const upload of uploads.value) if (isOpen(upload)) cancel(upload);
      jobs.clear();
      uploads.value = [];
    },
  };
});
