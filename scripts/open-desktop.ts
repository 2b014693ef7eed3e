import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { findElectron } from './find-electron.ts';
import { projectRoot, runTool } from './run-step.ts';

export type DesktopOutcome =
  | { readonly opened: true; readonly exitCode: number }
  /** A whole sentence. */
  | { readonly opened: false; readonly reason: string };

export interface DesktopParts {
  readonly environment: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  readonly isRoot: boolean;
  readonly find: () => string | null;
  /** Fetches Electron's binary, showing its progress; answers the exit code, null when it took too long. */
  readonly install: () => Promise<number | null>;
  readonly build: () => Promise<number>;
  readonly run: (binary: string, environment: NodeJS.ProcessEnv) => Promise<number>;
}

const installTimeoutMs = 300_000;

/** Opens the desktop app from this checkout, and waits for its end; or says why it cannot. */
export async function openDesktop(options: { port: number }, parts: DesktopParts = realParts()): Promise<DesktopOutcome> {
  const not = (reason: string): DesktopOutcome => ({ opened: false, reason });
  const { environment, platform } = parts;
  const hasDisplay = platform !== 'linux' || Boolean(environment.DISPLAY ?? environment.WAYLAND_DISPLAY);
  if (!hasDisplay) return not('There is no display for a window here.');
  if (parts.isRoot) return not('A desktop app does not run as root: its pages could not be sandboxed.');
  let binary = parts.find();
  if (binary === null) {
    if (environment.MCOS_NO_ELECTRON_DOWNLOAD === '1')
      return not('Electron is not on this disk, and MCOS_NO_ELECTRON_DOWNLOAD=1 says not to fetch it.');
    const code = await parts.install();
    if (code === null) return not(`Electron could not be fetched within ${installTimeoutMs / 60_000} minutes; the next start tries again.`);
    binary = parts.find();
    if (code !== 0 || binary === null)
      return not(
        'Electron could not be fetched (what it said is above); the next start tries again, MCOS_NO_ELECTRON_DOWNLOAD=1 stops that.',
      );
  }
  if ((await parts.build()) !== 0) return not('The desktop app could not be built (what it said is above).');
  return { opened: true, exitCode: await parts.run(binary, { ...environment, MCOS_PORT: String(options.port) }) };
}

function realParts(): DesktopParts {
  return {
    environment: process.env,
    platform: process.platform,
    isRoot: process.platform === 'linux' && process.getuid?.() === 0,
    find: findElectron,
    install: fetchElectron,
    build: () => runTool('scripts/build-desktop.ts', []),
    run: (binary, environment) =>
      wait(spawn(binary, [projectRoot], { stdio: 'inherit', env: environment }), null).then((code) => code ?? 1),
  };
}

function fetchElectron(): Promise<number | null> {
  console.log('Fetching Electron, once (about 120 MB) ...');
  const child = spawn(process.execPath, [join(projectRoot, 'node_modules/electron/install.js')], { cwd: projectRoot, stdio: 'inherit' });
  const startedAtMs = Date.now();
  const progress = setInterval(() => console.log(`  still fetching, ${Math.round((Date.now() - startedAtMs) / 1000)} s ...`), 10_000);
  return wait(child, installTimeoutMs).finally(() => clearInterval(progress));
}

/** The exit code; null when it was ended after `limitMs`. Signals are passed on, so that Ctrl-C ends the app too. */
function wait(child: ReturnType<typeof spawn>, limitMs: number | null): Promise<number | null> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer =
      limitMs === null
        ? undefined
        : setTimeout(() => {
            late = true;
            child.kill('SIGKILL');
          }, limitMs);
    const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
    process.on('SIGINT', pass);
    process.on('SIGTERM', pass);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(timer);
      process.off('SIGINT', pass);
      process.off('SIGTERM', pass);
      resolve(late ? null : (code ?? 1));
    });
  });
}
