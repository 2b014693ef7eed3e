import type { PlantName } from './plants.ts';
import { objectScenarios } from './objects/object-scenarios.ts';
import { runObjectSeed } from './objects/run-object-seed.ts';
import { ringScenarios } from './rings/ring-scenario.ts';
import { runRingSeed } from './rings/run-ring-seed.ts';
import { runSeed } from './run-seed.ts';
import type { SeedResult } from './seed-result.ts';
import { scenarios as registerScenarios } from './scenarios.ts';

/** A scenario with what runs it: registers alone, or whole daemons. */
export interface RunnableScenario {
  readonly description: string;
  run(seed: number, plant: PlantName | null, options?: { keepTrace?: boolean }): Promise<SeedResult>;
}

export const allScenarios: Readonly<Record<string, RunnableScenario>> = {
  ...mapValues(registerScenarios, (scenario) => ({
    description: scenario.description,
    run: (seed, plant, options) => runSeed(seed, scenario, plant, options),
  })),
  ...mapValues(objectScenarios, (scenario) => ({
    description: scenario.description,
    run: (seed, plant, options) => runObjectSeed(seed, scenario, plant, options),
  })),
  ...mapValues(ringScenarios, (scenario) => ({
    description: scenario.description,
    run: (seed, plant, options) => runRingSeed(seed, scenario, plant, options),
  })),
};

function mapValues<T>(items: Readonly<Record<string, T>>, make: (item: T) => RunnableScenario): Record<string, RunnableScenario> {
  return Object.fromEntries(Object.entries(items).map(([name, item]) => [name, make(item)]));
}
