import { builtinModules } from 'node:module';
import { defineConfig } from 'electron-vite';
import { optionalNatives } from './scripts/bundle/daemon-bundle.ts';
import { workerEntries, workerFiles } from './scripts/bundle/worker-files.ts';

/** Electron itself, the one native module, and what Node brings; everything else is in the bundle. */
const outside = ['electron', 'keytar', ...optionalNatives, ...builtinModules, /^node:/];

/**
 * The desktop app's main process and its bridge. The page is the same that a browser gets, built by
 * renderer/vite-page.ts, so there is no renderer here.
 */
export default defineConfig({
  main: {
    plugins: [workerFiles()],
    build: {
      outDir: 'dist/desktop/main',
      externalizeDeps: false,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        external: outside,
        input: { index: 'electron/main/index.ts', 'cloud-service': 'electron/main/cloud-service.ts', ...workerEntries },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'dist/desktop/preload',
      externalizeDeps: false,
      minify: false,
      reportCompressedSize: false,
      // A sandboxed page's bridge is one file of CommonJS.
      rolldownOptions: {
        external: outside,
        input: { index: 'electron/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
});
