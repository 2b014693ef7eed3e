import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadReport, PhaseResult } from './load/load-messages.ts';

const generator = fileURLToPath(new URL('./load/generator.ts', import.meta.url));

/** Runs the load generator to its end. */
export async function runLoad(
  order: LoadOrder,
  onTurn: (phase: string, target: string) => void,
  signal: AbortSignal,
): Promise<readonly PhaseResult[]> {
  const child = spawn(process.execPath, [generator], { stdio: ['pipe', 'pipe', 'inherit'], signal });
  let results: readonly PhaseResult[] | null = null;
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const report = JSON.parse(line) as LoadReport;
    if (report.kind === 'turn') onTurn(report.phase, report.target);
    else results = report.results;
  });
  child.stdin.end(JSON.stringify(order));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || results === null) throw new Error(`the load generator ended with ${String(code)} and without results`);
  return results;
}
