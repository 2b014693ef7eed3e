import type { Outcome } from '../../backend/base/outcome.ts';
import { compareBytes, equalBytes, toHex, utf8, utf8Text } from '../../backend/base/bytes.ts';
import { failure } from '../../backend/contracts/errors.ts';
import type { Decision, RegisterClient, RegisterState } from '../../backend/register/register-client.ts';
import type { RegisterKey } from '../../backend/register/register-store.ts';
import { count, type Counts } from './counts.ts';
import type { HistoryEntry, RegisterOperation } from './linearizability.ts';
import type { Scenario, WorkKind } from './scenarios.ts';
import type { ProcessLife, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { NodeService } from './simulated-node.ts';
import type { Trace } from './trace.ts';

/** What the clients did and were told, for the checkers. */
export interface WorkRecord {
  acknowledged: number;
  unknown: number;
  refused: number;
  /** Asked for, by kind. */
  readonly operations: Counts;
  /** By index of the key. */
  readonly histories: HistoryEntry[][];
  /** Operation id -> the answer that says it never took effect. */
  readonly impossible: Map<string, string>;
  readonly violations: string[];
}

export interface WorkloadDeps {
  readonly scenario: Pick<Scenario, 'thinkMs' | 'mix'>;
  readonly keys: readonly RegisterKey[];
  readonly nodes: readonly { readonly service: Pick<NodeService, 'client' | 'life'> | null }[];
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: Trace;
  readonly record: WorkRecord;
  /** Order of calls and answers; strictly rising. */
  readonly stamp: () => number;
}

type Told<T> = Outcome<T> | 'killed';

/** One client: one operation after another through whichever node serves, until `operations` are used up. */
export async function runClient(deps: WorkloadDeps, budget: { left: number }): Promise<void> {
  const known = new Map<number, string | null>();
  while (budget.left > 0) {
    await pause(deps, deps.scenario.thinkMs * 2 * deps.random.fraction());
    const service = deps.random.pick(deps.nodes).service;
    if (service === null) continue;
    budget.left -= 1;
    const keyIndex = deps.random.below(deps.keys.length);
    const kind = pickKind(deps);
    count(deps.record.operations, kind);
    switch (kind) {
      case 'read':
        await readOnce(deps, service, keyIndex, known);
        break;
      case 'list':
        await listOnce(deps, service, keyIndex);
        break;
      case 'write':
        await changeOnce(deps, service, keyIndex, { kind: 'write', value: newValue(deps) }, known);
        break;
      case 'delete':
        await changeOnce(deps, service, keyIndex, { kind: 'write', value: null }, known);
        break;
      case 'swap':
        await changeOnce(
          deps,
          service,
          keyIndex,
          { kind: 'swap', expected: deps.random.chance(0.3) ? null : (known.get(keyIndex) ?? null), value: newValue(deps) },
          known,
        );
        break;
    }
  }
}

function pickKind(deps: WorkloadDeps): WorkKind {
  const entries = Object.entries(deps.scenario.mix) as [WorkKind, number][];
  let at = deps.random.fraction() * entries.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [kind, weight] of entries) {
    at -= weight;
    if (at < 0) return kind;
  }
  return 'read';
}

function newValue(deps: WorkloadDeps): string {
  return `v${deps.stamp()}`;
}

function pause(deps: WorkloadDeps, delayMs: number): Promise<void> {
  return new Promise((resolve) => deps.scheduler.after(delayMs, resolve));
}

interface Service {
  readonly client: RegisterClient;
  readonly life: ProcessLife;
}

/** The answer, or `killed` when the node died first: then nobody knows. */
function told<T>(service: Service, answer: Promise<Outcome<T>>): Promise<Told<T>> {
  return Promise.race([answer, new Promise<'killed'>((resolve) => service.life.onKill(() => resolve('killed')))]);
}

export async function readOnce(
  deps: WorkloadDeps,
  service: Service,
  keyIndex: number,
  known: Map<number, string | null>,
): Promise<boolean> {
  const calledAt = deps.stamp();
  const answer = await told(service, service.client.read(deps.keys[keyIndex] as RegisterKey));
  const answeredAt = deps.stamp();
  if (answer === 'killed' || !answer.ok) {
    deps.trace.add(`${answeredAt} read ${keyIndex} failed`);
    return false;
  }
  const found = valueOf(deps, answer.value);
  known.set(keyIndex, found);
  note(deps, keyIndex, { kind: 'read', found }, calledAt, answeredAt, `read ${String(found)} (version ${answer.value.version})`);
  deps.record.acknowledged += 1;
  return true;
}

/** The workload's value in a state; checks that the inline bytes belong to it. */
function valueOf(deps: WorkloadDeps, state: RegisterState): string | null {
  if (state.state === null) return null;
  const value = utf8Text(state.state);
  const inline = inlineOf(value);
  const same = inline === null ? state.inline === null : state.inline !== null && equalBytes(inline, state.inline);
  if (!same) deps.record.violations.push(`the inline bytes of ${value} belong to another write`);
  return value;
}

function inlineOf(value: string): Uint8Array | null {
  return Number(value.slice(1)) % 3 === 0 ? utf8(`inline bytes of ${value}`) : null;
}

async function changeOnce(
  deps: WorkloadDeps,
  service: Service,
  keyIndex: number,
  operation: RegisterOperation & { kind: 'write' | 'swap' },
  known: Map<number, string | null>,
): Promise<void> {
  const key = deps.keys[keyIndex] as RegisterKey;
  const operationId = toHex(deps.random.bytes(16));
  const decide = (current: RegisterState): Decision => {
    const value = current.state === null ? null : utf8Text(current.state);
    if (operation.kind === 'swap' && value !== operation.expected)
      return { kind: 'refuse', failure: failure('PreconditionFailed', 'The value is another one.') };
    return operation.value === null
      ? { kind: 'write', state: null }
      : { kind: 'write', state: utf8(operation.value), inline: inlineOf(operation.value) };
  };
  const preparation = deps.random.chance(0.3) ? service.client.prepare(key) : undefined;
  if (preparation !== undefined) await pause(deps, 60 * deps.random.fraction());
  if (!service.life.alive) return;
  const calledAt = deps.stamp();
  const answer = await told(service, service.client.change(key, operationId, decide, preparation === undefined ? {} : { preparation }));
  const answeredAt = deps.stamp();
  const label = `${operation.kind} ${operation.kind === 'swap' ? `${String(operation.expected)} -> ` : ''}${String(operation.value)} by ${operationId.slice(0, 6)}`;
  const code = answer === 'killed' ? 'killed' : answer.ok ? 'ok' : answer.failure.code;
  if (answer !== 'killed' && answer.ok) {
    known.set(keyIndex, operation.value);
    note(deps, keyIndex, operation, calledAt, answeredAt, `${label}: version ${answer.value.version}`);
    deps.record.acknowledged += 1;
  } else if (code === 'PreconditionFailed' && operation.kind === 'swap') {
    deps.record.impossible.set(operationId, '412');
    note(deps, keyIndex, { kind: 'refused-swap', expected: operation.expected }, calledAt, answeredAt, `${label}: refused`);
    deps.record.acknowledged += 1;
  } else if (code === 'killed' || code === 'OutcomeUnknown') {
    note(deps, keyIndex, operation, calledAt, Infinity, `${label}: unknown`);
    deps.record.unknown += 1;
  } else {
    deps.record.impossible.set(operationId, code);
    deps.record.refused += 1;
    deps.trace.add(`${answeredAt} ${label}: ${code}`);
  }
}

/** A page of a listing says of every key it covers whether it is there, and what it holds. */
async function listOnce(deps: WorkloadDeps, service: Service, keyIndex: number): Promise<void> {
  const { ring, hash, key: from } = deps.keys[keyIndex] as RegisterKey;
  const calledAt = deps.stamp();
  const answer = await told(service, service.client.list({ ring, hash, from, limit: 1 + deps.random.below(6) }));
  const answeredAt = deps.stamp();
  if (answer === 'killed' || !answer.ok) {
    deps.trace.add(`${answeredAt} list ${keyIndex} failed`);
    return;
  }
  const { rows, more, lastKey } = answer.value;
  if (more && lastKey === null) deps.record.violations.push('a listing says there is more, but not after what');
  let covered = 0;
  for (const [index, candidate] of deps.keys.entries()) {
    if (candidate.hash !== hash || compareBytes(candidate.key, from) < 0) continue;
    if (more && lastKey !== null && compareBytes(candidate.key, lastKey) > 0) continue;
    const row = rows.find((listed) => equalBytes(listed.key, candidate.key));
    if (row !== undefined) covered += 1;
    const found = row === undefined ? null : utf8Text(row.state);
    note(deps, index, { kind: 'read', found }, calledAt, answeredAt, `list shows ${String(found)}`);
  }
  if (covered !== rows.length) deps.record.violations.push(`a listing shows ${rows.length - covered} keys beyond what it covers`);
  for (let index = 1; index < rows.length; index++) {
    if (compareBytes((rows[index - 1] as { key: Uint8Array }).key, (rows[index] as { key: Uint8Array }).key) >= 0)
      deps.record.violations.push('a listing is out of order');
  }
  deps.record.acknowledged += 1;
}

function note(
  deps: WorkloadDeps,
  keyIndex: number,
  operation: RegisterOperation,
  calledAt: number,
  answeredAt: number,
  label: string,
): void {
  (deps.record.histories[keyIndex] as HistoryEntry[]).push({ operation, calledAt, answeredAt, label });
  deps.trace.add(`${calledAt} ${answeredAt} key ${keyIndex} ${label}`);
}
