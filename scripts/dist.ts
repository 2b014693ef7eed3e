// npm run dist [-- electron-builder's options, e.g. --linux deb --x64]: the desktop app's packages in dist/packages, by
// electron-builder.yml. Electron itself is fetched for each target, so this needs the network.
import { join } from 'node:path';
import { placeKeytar } from './packaging/keytar-binary.mjs';
import { projectRoot, runTool } from './run-step.ts';

const built = await runTool('scripts/build-desktop.ts', []);
if (built === 0) {
  process.exitCode = await runTool(join(projectRoot, 'node_modules/electron-builder/cli.js'), [
    '--publish',
    'never',
    ...process.argv.slice(2),
  ]);
  // What the last target left there may be another system's.
  placeKeytar(process.platform, process.arch);
} else process.exitCode = built;
