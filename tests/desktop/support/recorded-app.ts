import { createServer, type Server } from 'node:net';
import type { Outcome } from '../../../backend/base/outcome.ts';
import type { DesktopChannel } from '../../../backend/contracts/desktop-channels.ts';
import { runDesktop } from '../../../electron/main/desktop.ts';
import { recordingElectron, type Recording, type RecordingOptions } from './recording-electron.ts';

/** The main process in the test's own process, with the stand-in for Electron. */
export interface RecordedApp {
  readonly recording: Recording;
  /** As the page calls. */
  call(channel: DesktopChannel, parameters?: unknown): Promise<Outcome<never>>;
  /** Answers the exit code. */
  quit(): Promise<number>;
}

export async function startRecordedApp(
  directory: string,
  options: { words?: readonly string[]; port?: number; platform?: NodeJS.Platform } & Partial<RecordingOptions> = {},
): Promise<RecordedApp> {
  const { words = [], port = 0, platform = 'linux', ...more } = options;
  const exit = Promise.withResolvers<number>();
  const { electron, recording } = recordingElectron({ userData: directory, onExit: exit.resolve, ...more });
  await runDesktop(electron, {
    platform,
    environment: { MCOS_PORT: String(port), XDG_CONFIG_HOME: directory },
    words,
    bundleDirectory: directory,
    loadKeytar: () => Promise.reject(new Error('no keychain')),
  });
  return {
    recording,
    call: (channel, parameters = {}) =>
      recording.handlers.get(`mcos:${channel}`)?.({ senderFrame: { url: 'app://mcos/index.html', parent: null } }, parameters) as Promise<
        Outcome<never>
      >,
    quit: () => {
      electron.app.quit();
      return exit.promise;
    },
  };
}

/** A server on a port whose neighbour is free as well: nobody can tell a pair that stays free. */
export async function occupyPort(): Promise<{ readonly port: number; free(): Promise<void> }> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const server = await listen(0);
    const { port } = server.address() as { port: number };
    const before = await listen(port - 1).catch(() => null);
    if (before !== null) {
      await close(before);
      return { port, free: () => close(server) };
    }
    await close(server);
  }
  throw new Error('no two free ports beside each other');
}

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
