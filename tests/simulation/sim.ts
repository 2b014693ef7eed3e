import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { PlantName } from './plants.ts';
import { homeOf, isPlantName, plants } from './plants.ts';
import { countsText } from './counts.ts';
import type { SeedResult } from './seed-result.ts';
import { allScenarios, type RunnableScenario } from './all-scenarios.ts';

/** `npm run sim`: deterministic simulation of whole clusters (design section 11). Exit codes: 0 held (or plant caught), 1 failed, 2 usage. */
const usage = 'Usage: npm run sim -- [--seed N] [--runs K] [--scenario NAME] [--plant BUG] [--verbose] [--list]';

interface Options {
  readonly seed: number;
  readonly runs: number;
  readonly scenario: RunnableScenario | null;
  readonly plant: PlantName | null;
  /** Prints what every client asked and was told. */
  readonly verbose: boolean;
}

function readOptions(): Options | 'list' | string {
  let values: { seed?: string; runs?: string; scenario?: string; plant?: string; verbose?: boolean; list?: boolean };
  try {
    ({ values } = parseArgs({
      options: {
        seed: { type: 'string' },
        runs: { type: 'string' },
        scenario: { type: 'string' },
        plant: { type: 'string' },
        verbose: { type: 'boolean' },
        list: { type: 'boolean' },
      },
    }));
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n${usage}`;
  }
  if (values.list === true) return 'list';
  const number = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  const seed = number(values.seed, 1);
  const runs = number(values.runs, values.plant === undefined ? (values.seed === undefined ? 20 : 1) : 2000);
  if (Number.isNaN(seed) || Number.isNaN(runs) || runs < 1) return `--seed and --runs take whole numbers, --runs at least 1.\n${usage}`;
  if (values.scenario !== undefined && !Object.hasOwn(allScenarios, values.scenario))
    return `There is no scenario "${values.scenario}"; --list names them.`;
  if (values.plant !== undefined && !isPlantName(values.plant)) return `There is no plant "${values.plant}"; --list names them.`;
  return {
    seed,
    runs,
    scenario: scenarioNamed(values.scenario ?? (values.plant === undefined ? undefined : homeOf(values.plant as PlantName))),
    plant: values.plant === undefined ? null : (values.plant as PlantName),
    verbose: values.verbose === true,
  };
}

function scenarioNamed(name: string | undefined): RunnableScenario | null {
  return name === undefined ? null : (allScenarios[name] ?? null);
}

/** The scenario of a seed, unless one was asked for: they take turns. */
function scenarioOf(seed: number): RunnableScenario {
  const all = Object.values(allScenarios);
  return all[seed % all.length] as RunnableScenario;
}

function scenarioName(scenario: RunnableScenario): string {
  return Object.keys(allScenarios).find((name) => allScenarios[name] === scenario) ?? '';
}

function whatHappened(result: SeedResult): string {
  const { acknowledged, unknown, refused, crashes, drops, did, trace } = result;
  const told = `acknowledged=${acknowledged} unknown=${unknown} refused=${refused} crashes=${crashes} drops=${drops}`;
  return `${told} | asked: ${countsText(did.operations)} | broken: ${countsText(did.faults)} | by itself: ${countsText(did.upkeep)} | trace=${trace}`;
}

/** Lines of the trace about messages name sender and receiver. */
function isMessage(line: string): boolean {
  return /^[\d.]+ [0-9a-f]{16}>/.test(line);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'list') {
    for (const [name, { description }] of Object.entries(allScenarios)) console.log(`scenario ${name} ${description}`);
    for (const [name, description] of Object.entries(plants)) console.log(`plant ${name} ${description}`);
    return 0;
  }
  if (typeof options === 'string') {
    console.error(options);
    return 2;
  }
  const total = { acknowledged: 0, unknown: 0, crashes: 0, drops: 0, ringChanges: 0, passed: 0, failed: 0 };
  const traces = createHash('sha256');
  let caught: SeedResult | null = null;
  for (let seed = options.seed; seed < options.seed + options.runs && caught === null; seed++) {
    const scenario = options.scenario ?? scenarioOf(seed);
    const result = await scenario.run(seed, options.plant, { keepTrace: options.verbose });
    for (const line of result.traceLines) if (!isMessage(line)) console.log(`  ${line}`);
    total.acknowledged += result.acknowledged;
    total.unknown += result.unknown;
    total.crashes += result.crashes;
    total.drops += result.drops;
    total.ringChanges += result.did.upkeep['ring-changes'] ?? 0;
    traces.update(result.trace);
    const described = `seed ${seed} ${scenarioName(scenario)}`;
    if (result.failures.length === 0) {
      total.passed += 1;
      console.log(`${described}: ${whatHappened(result)}`);
    } else {
      total.failed += 1;
      console.log(`${described} failed: ${result.failures.map((text) => text.slice(0, 4000)).join('\n  ')}`);
      if (options.plant !== null) caught = result;
    }
    if (process.stderr.isTTY) process.stderr.write(`\r${seed - options.seed + 1} of ${options.runs} seeds`);
  }
  if (process.stderr.isTTY) process.stderr.write('\n');
  if (options.plant !== null)
    console.log(
      caught === null
        ? `plant ${options.plant} was not caught in ${options.runs} seeds`
        : `plant ${options.plant} caught by seed ${caught.seed}`,
    );
  console.log(
    `acknowledged=${total.acknowledged} unknown=${total.unknown} crashes=${total.crashes} drops=${total.drops} ring-changes=${total.ringChanges} trace=${traces.digest('hex').slice(0, 16)}`,
  );
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return options.plant === null ? (total.failed === 0 ? 0 : 1) : caught === null ? 1 : 0;
}

process.exitCode = await main();
