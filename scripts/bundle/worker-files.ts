import type { Plugin } from 'vite';

const workerAddress = /new URL\((['"])\.\/([\w-]+\.worker)\.ts\1, import\.meta\.url\)/g;

/**
 * A worker is started by the address of its file beside the one that starts it. In a bundle it stands beside
 * the chunks as `NAME.worker.js`, an entry of its own (`workerEntries`); this makes the addresses say so.
 */
export function workerFiles(): Plugin {
  return {
    name: 'mcos-worker-files',
    enforce: 'pre',
    transform: (code) => {
      if (!code.includes('.worker.ts')) return null;
      const addressed = code.replace(workerAddress, "new URL('./$2.js', import.meta.url)");
      // A worker that the bundle cannot find would be noticed only on the server.
      if (/new Worker\([^)]*\.worker\.ts/.test(addressed)) throw new Error('a worker is named in a form that the bundle does not know');
      return { code: addressed, map: null };
    },
  };
}

/** Every worker of the backend, as entries of a bundle. */
export const workerEntries: Readonly<Record<string, string>> = {
  'register-writer.worker': 'backend/adapters/storage/register-writer.worker.ts',
};
