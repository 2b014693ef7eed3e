// npm run test:long [-- --only STEP ...] [-- FILE ...]: the simulation at full length, every planted bug, whole clusters
// with raised counts (MCOS_LONG=1), the pages, and a short bench. Writes docs/results/DATE-long.md.
// With FILEs only these tests of whole clusters run.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, platform, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { findChromium } from './find-chromium.ts';
import { describeLongRun, lastLines, type LongStepResult } from './long-report.ts';
import { projectRoot } from './run-step.ts';

interface LongStep {
  readonly name: string;
  readonly parameters: readonly string[];
  /** Why it cannot run here; null when it can. */
  readonly leftOut: string | null;
}

const simulationRuns = 10_000;
const vitest = 'node_modules/vitest/vitest.mjs';
const simulator = 'tests/simulation/sim.ts';
const bench = 'tests/bench/bench.ts';

function longSteps(files: readonly string[]): LongStep[] {
  const chromium = findChromium();
  if (chromium !== null) process.env.MCOS_CHROMIUM = chromium;
  return [
    { name: 'unit', parameters: [vitest, 'run', '--project', 'unit'], leftOut: null },
    { name: 'simulation', parameters: [simulator, '--runs', String(simulationRuns)], leftOut: null },
    ...plants().map((plant) => ({ name: `plant ${plant}`, parameters: [simulator, '--plant', plant], leftOut: null })),
    { name: 'integration', parameters: [vitest, 'run', '--project', 'integration', ...files], leftOut: null },
    {
      name: 'pages',
      parameters: ['node_modules/@playwright/test/cli.js', 'test'],
      leftOut: chromium === null ? 'no Chromium is installed here' : null,
    },
    { name: 'bench', parameters: [bench, '--quick'], leftOut: existsSync(join(projectRoot, bench)) ? null : 'there is no bench' },
  ];
}

/** The bugs that the simulator can plant, as it lists them itself. */
function plants(): string[] {
  const listed = execFileSync(process.execPath, [simulator, '--list'], { cwd: projectRoot, encoding: 'utf8' });
  return [...listed.matchAll(/^plant (\S+)/gm)].map((match) => match[1] ?? '');
}

async function run(step: LongStep): Promise<LongStepResult> {
  if (step.leftOut !== null) return { name: step.name, outcome: 'left out', seconds: 0, said: [step.leftOut] };
  console.error(`> ${step.name}`);
  const startedAtMs = performance.now();
  const child = spawn(process.execPath, step.parameters, {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, MCOS_LONG: '1', NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    // Only the end of what was said goes into the report.
    output = (output + chunk.toString('utf8')).slice(-20_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = Math.round((performance.now() - startedAtMs) / 1000);
  return { name: step.name, outcome: code === 0 ? 'passed' : 'failed', seconds, said: lastLines(output, step.name === 'bench' ? 40 : 4) };
}

const { values, positionals } = parseArgs({ options: { only: { type: 'string', multiple: true } }, allowPositionals: true });
const steps = longSteps(positionals);
const wanted = values.only ?? (positionals.length > 0 ? ['integration'] : steps.map((step) => step.name));
const unknown = wanted.find((name) => !steps.some((step) => step.name === name));
if (unknown !== undefined) {
  console.error(`There is no step "${unknown}"; there are: ${steps.map((step) => step.name).join(', ')}.`);
  process.exit(2);
}
const results: LongStepResult[] = [];
for (const step of steps) if (wanted.includes(step.name)) results.push(await run(step));

const date = new Date().toISOString().slice(0, 10);
const folder = join(projectRoot, 'docs/results');
await mkdir(folder, { recursive: true });
const machine = `${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB memory, ${platform()} ${arch()}, Node ${process.versions.node}`;
await writeFile(join(folder, `${date}-long.md`), describeLongRun({ date, machine, results }));
console.log(`docs/results/${date}-long.md is written`);
process.exitCode = results.some((result) => result.outcome === 'failed') ? 1 : 0;
