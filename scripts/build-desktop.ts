// npm run build:desktop: the pages, the main process and its bridge, as Electron loads them (dist/pages, dist/desktop).
import { ensurePages } from './build-pages.ts';
import { projectRoot, runTool } from './run-step.ts';

process.chdir(projectRoot);
await ensurePages();
process.exitCode = await runTool('node_modules/electron-vite/bin/electron-vite.js', ['build', '--logLevel', 'warn']);
