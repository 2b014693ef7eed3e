// npm run dist [-- electron-builder's options, e.g. --linux deb --x64]: the desktop app's packages in dist/packages, by
// electron-builder.yml. Electron itself is fetched for each target, so this needs the network; everything that does
// not need it is checked first.
import { join } from 'node:path';
import { downloadFolders, readConfiguration } from './packaging/builder.ts';
import { checkPackages } from './packaging/check-packages.ts';
import { missingArchives, neededArchives, wantedSystems } from './packaging/electron-archives.ts';
import { placeKeytar } from './packaging/keytar-binary.mjs';
import { projectRoot, runTool } from './run-step.ts';

const words = process.argv.slice(2);

/** Answers whether everything is as it should be. */
async function reportChecks(): Promise<boolean> {
  const findings = await checkPackages('built');
  for (const { what, problem } of findings) console.log(problem === null ? `  ok      ${what}` : `  WRONG   ${what}: ${problem}`);
  return findings.every(({ problem }) => problem === null);
}

async function pack(): Promise<number> {
  const code = await runTool(join(projectRoot, 'node_modules/electron-builder/cli.js'), ['--publish', 'never', ...words]);
  // What the last target left there may be another system's.
  placeKeytar(process.platform, process.arch);
  if (code === 0) return 0;
  const folders = downloadFolders();
  const missing = missingArchives(neededArchives(await readConfiguration(), wantedSystems(words)), folders);
  console.error(
    missing.length === 0
      ? '\nNo packages were made: electron-builder failed, and what it said is above. Electron itself is on this disk.'
      : `\nNo packages were made: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not in ${folders.join(' or ')} and could not be fetched from github.com. ` +
          'Everything that does not need Electron is built and checked, see above. Run this where that host can be reached (it also ' +
          'gives the tools that make AppImage, deb, rpm and exe), or name a mirror in ELECTRON_MIRROR and ELECTRON_BUILDER_BINARIES_MIRROR.',
  );
  return code;
}

const built = await runTool('scripts/build-desktop.ts', []);
if (built !== 0) process.exitCode = built;
else if (!(await reportChecks())) {
  console.error('\nNo packages were made: what is wrong above has to be mended first.');
  process.exitCode = 1;
} else process.exitCode = await pack();
