import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The top folder of the project, with a closing separator. */
export const projectRoot = fileURLToPath(new URL('..', import.meta.url));

/** Runs one JavaScript tool of node_modules with this Node and shows its output. Answers its exit code; 1 when a signal ended it. */
export function runTool(script: string, parameters: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...parameters], { cwd: projectRoot, stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code ?? 1));
  });
}

export interface Step {
  readonly name: string;
  readonly script: string;
  readonly parameters: readonly string[];
  /** A step that only warns does not fail the run. */
  readonly severity: 'required' | 'advice';
}

/** Runs the steps one after another, all of them, so that one run shows every finding. Answers 0 when every required one passed. */
export async function runSteps(steps: readonly Step[]): Promise<number> {
  const failed: string[] = [];
  for (const step of steps) {
    console.error(`> ${step.name}`);
    const code = await runTool(step.script, step.parameters);
    if (code === 0) continue;
    if (step.severity === 'required') failed.push(step.name);
    else console.error(`${step.name}: findings above are advice, they do not fail the run`);
  }
  if (failed.length > 0) console.error(`failed: ${failed.join(', ')}`);
  return failed.length === 0 ? 0 : 1;
}
