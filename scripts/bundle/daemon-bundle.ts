import type { InlineConfig } from 'vite';
import { projectRoot } from '../run-step.ts';
import { workerEntries, workerFiles } from './worker-files.ts';

/** ws takes these where somebody installed them, and does without. */
export const optionalNatives = ['bufferutil', 'utf-8-validate'];

/** The command line with everything it needs in one folder: no node_modules on the server. */
export function daemonBundle(outDirectory: string): InlineConfig {
  return {
    configFile: false,
    root: projectRoot,
    logLevel: 'warn',
    publicDir: false,
    plugins: [workerFiles()],
    ssr: { noExternal: true, external: optionalNatives },
    build: {
      ssr: true,
      target: 'node24',
      outDir: outDirectory,
      emptyOutDir: true,
      minify: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { mcos: 'backend/bin/mcos.ts', ...workerEntries },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  };
}
