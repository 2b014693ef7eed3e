import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Electron } from './electron-port.ts';
import type { StartTrialProcess } from './trial-cluster.ts';

const stopGraceMs = 9_500;
const readyTimeoutMs = 60_000;
const keptLines = 20;

/** Cloud Services as utility processes of Electron: they end with the app, however it ends. */
export function utilityProcesses(electron: Pick<Electron, 'utilityProcess'>, bundleDirectory: string): StartTrialProcess {
  return (name, parameters) => {
    const child = electron.utilityProcess.fork(join(bundleDirectory, 'cloud-service.js'), [...parameters], {
      stdio: 'pipe',
      serviceName: `MCOS ${name}`,
    });
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const said: string[] = [];
    const listen = (stream: NodeJS.ReadableStream | null): void => {
      if (stream === null) return;
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (said.length > keptLines) said.shift();
      });
    };
    listen(child.stderr);
    const ready = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${name} was not up after ${readyTimeoutMs / 1000} s`)), readyTimeoutMs);
      if (child.stdout === null) reject(new Error(`${name} has no output`));
      else
        createInterface({ input: child.stdout }).once('line', () => {
          clearTimeout(timer);
          resolve();
        });
      void exited.then(() => {
        clearTimeout(timer);
        reject(new Error(`${name} ended: ${lastError(said)}`));
      });
    });
    // Whoever stops it while it starts has no use for the reason.
    ready.catch(() => undefined);
    return {
      ready,
      exited,
      stop: async () => {
        child.kill();
        const { pid } = child;
        const timer = setTimeout(() => {
          if (pid !== undefined) process.kill(pid, 'SIGKILL');
        }, stopGraceMs);
        await exited;
        clearTimeout(timer);
      },
    };
  };
}

/** The sentence of a command that failed with --json, else its last line. */
function lastError(lines: readonly string[]): string {
  for (const line of lines.toReversed()) {
    const message = /"error":\{"code":"[^"]*","message":("(?:[^"\\]|\\.)*")/.exec(line)?.[1];
    if (message !== undefined) return String(JSON.parse(message));
  }
  return lines.at(-1) ?? 'it said nothing';
}
