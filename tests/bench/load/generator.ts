// The load generator: a process of its own, so that its work is not counted as a server's. Reads one
// LoadOrder from standard input, prints LoadReport lines.
import { text } from 'node:stream/consumers';
import { isLarge } from '../plan.ts';
import type { LoadOrder, LoadReport, PhaseResult, TurnResult } from './load-messages.ts';
import { TargetLoad } from './target-load.ts';

const order = JSON.parse(await text(process.stdin)) as LoadOrder;
const { plan } = order;
const report = (line: LoadReport): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const loads = order.targets.map((target) => new TargetLoad(target, plan));
for (const load of loads) await load.createBucket();

const results: PhaseResult[] = [];
for (const phase of order.phases) {
  const taking = loads.filter((load) => load.offers(phase));
  const turns = new Map<TargetLoad, TurnResult[]>(taking.map((load) => [load, []]));
  const length = isLarge(phase) ? 'large' : 'small';
  for (const load of taking) {
    await load.prepare(phase);
    // What warming up deletes, the turns would lack.
    if (phase !== 'delete') await load.turn(phase, plan.warmUpSeconds[length]);
  }
  for (let round = 0; round < plan.rounds; round++) {
    // Every other round the other way round, so that nobody always follows the same neighbour.
    for (const load of round % 2 === 0 ? taking : [...taking].reverse()) {
      report({ kind: 'turn', phase, target: load.target.name });
      turns.get(load)?.push(await load.turn(phase, plan.turnSeconds[length]));
    }
  }
  for (const [load, made] of turns) results.push({ phase, target: load.target.name, turns: made });
}
report({ kind: 'results', results });
for (const load of loads) await load.close();
