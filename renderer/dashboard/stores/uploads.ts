import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { ApiError } from '../../shared/api-client.ts';
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
  readonly name: string;
  readonly size: number;
  state: UploadState;
}

const atOnce = 3;

/** Files on their way up, three at a time, in the order in which they were given. */
export const useUploadsStore = defineStore('uploads', () => {
  const { api } = useSessionStore();
  const uploads = ref<Upload[]>([]);
  const files = new Map<number, File>();
  const aborts = new Map<number, AbortController>();
  let lastId = 0;
  let onStored: ((bucket: string) => void) | undefined;

  const active = computed(
    () => uploads.value.filter((upload) => upload.state.kind === 'waiting' || upload.state.kind === 'sending').length,
  );

  const send = async (upload: Upload, file: File): Promise<void> => {
    const abort = new AbortController();
    aborts.set(upload.id, abort);
    upload.state = { kind: 'sending', sentBytes: 0 };
    try {
      await api.put(`buckets/${encodeURIComponent(upload.bucket)}/objects`, { key: upload.key }, file, {
        contentType: file.type || 'application/octet-stream',
        signal: abort.signal,
        onProgress: (sentBytes) => {
          if (upload.state.kind === 'sending') upload.state = { kind: 'sending', sentBytes: Math.min(sentBytes, upload.size) };
        },
      });
      upload.state = { kind: 'done' };
      onStored?.(upload.bucket);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      upload.state = error.code === 'Cancelled' ? { kind: 'cancelled' } : { kind: 'failed', problem: error };
    } finally {
      aborts.delete(upload.id);
      if (upload.state.kind !== 'failed') files.delete(upload.id);
      pump();
    }
  };

  const pump = (): void => {
    let free = atOnce - uploads.value.filter((upload) => upload.state.kind === 'sending').length;
    for (const upload of uploads.value) {
      if (free <= 0) return;
      const file = files.get(upload.id);
      if (upload.state.kind !== 'waiting' || !file) continue;
      free--;
      void send(upload, file);
    }
  };

  return {
    uploads,
    active,
    whenStored: (listener: ((bucket: string) => void) | undefined): void => {
      onStored = listener;
    },
    add: (bucket: string, items: readonly { key: string; file: File }[]): void => {
      for (const { key, file } of items) {
        const id = ++lastId;
        files.set(id, file);
        uploads.value.push({ id, bucket, key, name: file.name, size: file.size, state: { kind: 'waiting' } });
      }
      pump();
    },
    cancel: (upload: Upload): void => {
      if (upload.state.kind === 'waiting') {
        upload.state = { kind: 'cancelled' };
        files.delete(upload.id);
      } else aborts.get(upload.id)?.abort();
    },
    retry: (upload: Upload): void => {
      if (!files.has(upload.id)) return;
      upload.state = { kind: 'waiting' };
      pump();
    },
    clear: (): void => {
      uploads.value = uploads.value.filter((upload) => upload.state.kind === 'waiting' || upload.state.kind === 'sending');
    },
  };
});
