import { buildRing } from './build-ring.ts';
import { littleEndian } from './little-endian.ts';
import type { Ring, RingNode } from './ring.ts';

interface Scenario {
  readonly id: string;
  readonly replicas: number;
  readonly partitionPower: number;
  readonly steps: readonly { readonly name: string; readonly nodes: readonly RingNode[] }[];
}

export interface RingDump {
  /** e.g. `S1-0.json`. */
  readonly fileName: string;
  readonly json: string;
}

/**
 * Builds the rings of a scenario file, each step from the one before it, and gives one dump a step,
 * as soon as it is built. `now` (milliseconds) adds the build time. Throws a TypeError, saying where,
 * when `scenarios` has another form.
 */
export function* evaluateScenarios(scenarios: unknown, now?: () => number): Iterable<RingDump> {
  for (const scenario of readScenarios(scenarios)) {
    let previous: Ring | null = null;
    for (const [step, { nodes }] of scenario.steps.entries()) {
      const startedMs = now?.();
      const ring: Ring = buildRing({
        previous,
        nodes,
        partitionPower: scenario.partitionPower,
        replicas: scenario.replicas,
        salt: scenario.id,
      });
      const buildMs = now === undefined || startedMs === undefined ? undefined : Math.round((now() - startedMs) * 10) / 10;
      previous = ring;
      const assignmentB64 = Buffer.from(littleEndian(ring.assignment)).toString('base64');
      const dump = {
        scenario: scenario.id,
        step,
        replicas: ring.replicas,
        partitionPower: ring.partitionPower,
        nodes: ring.nodes,
        assignmentB64,
        buildMs,
      };
      yield { fileName: `${scenario.id}-${step}.json`, json: JSON.stringify(dump) };
    }
  }
}

function readScenarios(value: unknown): Scenario[] {
  const list = isObject(value) ? value['scenarios'] : undefined;
  if (!Array.isArray(list)) throw new TypeError('a scenario file has an array "scenarios"');
  return list.map((scenario: unknown, index) => {
    const where = `scenario ${index}`;
    if (!isObject(scenario) || typeof scenario['id'] !== 'string' || !/^[\w.-]+$/.test(scenario['id']))
      throw new TypeError(`${where}: "id" must be a name of letters, digits, dots and dashes`);
    const { id, replicas, partitionPower, steps } = scenario;
    if (typeof replicas !== 'number' || typeof partitionPower !== 'number')
      throw new TypeError(`${where}: "replicas" and "partitionPower" must be numbers`);
    if (!Array.isArray(steps)) throw new TypeError(`${where}: "steps" must be an array`);
    return {
      id: id as string,
      replicas,
      partitionPower,
      steps: steps.map((step: unknown, number) => readStep(step, `${where}, step ${number}`)),
    };
  });
}

function readStep(value: unknown, where: string): { name: string; nodes: RingNode[] } {
  if (!isObject(value) || !Array.isArray(value['nodes'])) throw new TypeError(`${where}: "nodes" must be an array`);
  const nodes = value['nodes'].map((node: unknown): RingNode => {
    if (isObject(node) && typeof node['id'] === 'string' && typeof node['zone'] === 'string' && typeof node['weight'] === 'number')
      return { id: node['id'], zone: node['zone'], weight: node['weight'] };
    throw new TypeError(`${where}: a node has "id", "zone" and "weight"`);
  });
  return { name: typeof value['name'] === 'string' ? value['name'] : '', nodes };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
