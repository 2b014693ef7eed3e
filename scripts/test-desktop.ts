// npm run test:desktop: the real app under Playwright. Skips with one line where there is no Electron or no display.
import { findElectron } from './find-electron.ts';
import { runTool } from './run-step.ts';

const electron = findElectron();
const hasDisplay = process.platform !== 'linux' || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
if (electron === null)
  console.log(
    'The desktop tests are skipped: Electron is not on this disk ("npx install-electron" fetches it, or set ELECTRON_EXEC_PATH).',
  );
else if (!hasDisplay) console.log('The desktop tests are skipped: there is no display (run them in "xvfb-run").');
else {
  process.env.MCOS_ELECTRON = electron;
  const built = await runTool('scripts/build-desktop.ts', []);
  process.exitCode =
    built === 0 ? await runTool('node_modules/@playwright/test/cli.js', ['test', '--config', 'tests/desktop/playwright.config.ts']) : built;
}
