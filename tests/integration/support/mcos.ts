import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { DemoReport } from '../../../backend/bin/demo/demo-report.ts';

const program = fileURLToPath(new URL('../../../backend/bin/mcos.ts', import.meta.url));
const demoProgram = fileURLToPath(new URL('../../../backend/bin/demo.ts', import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one `mcos` command to its end; one that has none is killed after `timeoutMs`, and its code is null. */
export function runMcos(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  timeoutMs = 120_000,
): Promise<CommandResult> {
  return runScript(program, parameters, environment, timeoutMs);
}

/** Runs one command of the demo, such as `add`, to its end. */
export function runDemoCommand(parameters: readonly string[]): Promise<CommandResult> {
  return runScript(demoProgram, parameters, {}, 120_000);
}

function runScript(
  script: string,
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...parameters], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() });
    });
  });
}

/** Address and login of a demo's Controller for the command line. */
export function loginOf(report: Pick<DemoReport, 'console'>): Record<string, string> {
  return { MCOS_CONTROLLER: report.console.url, MCOS_USERNAME: report.console.username, MCOS_PASSWORD: report.console.password };
}

/** Runs `mcos … --json` and reads its answer; a failure throws with what it said. */
export async function mcosJson<T>(report: Pick<DemoReport, 'console'>, parameters: readonly string[]): Promise<T> {
  const result = await runMcos([...parameters, '--json'], loginOf(report));
  if (result.code !== 0) throw new Error(`mcos ${parameters.join(' ')} ended with ${String(result.code)}: ${result.stderr}`);
  return JSON.parse(result.stdout) as T;
}
