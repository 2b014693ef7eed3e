import type { S3Client } from '@aws-sdk/client-s3';
import type { SeededRandom } from '../../../simulation/seeded-random.ts';
import { statusOf } from '../s3.ts';

/** How a request ended, as its client can tell. */
export type Ending<T> =
  | { readonly kind: 'answered'; readonly value: T }
  /** Told clearly that nothing came of it. */
  | { readonly kind: 'refused'; readonly status: number; readonly name: string }
  /** No answer, or one that says so: it may have taken effect, or may do so yet. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface Sent<T> {
  readonly ending: Ending<T>;
  readonly node: number;
  readonly calledAt: number;
  readonly answeredAt: number;
}

const requestTimeoutMs = 10_000;
/** A node with a request that has waited so long gets no other one meanwhile. */
const slowMs = 1_500;
const avoidedMs = 2_000;

/**
 * Sends through the nodes as an application with several endpoints does: one that fails or is slow is
 * left alone for a while. Nothing is repeated.
 */
export class Endpoints {
  /** Requests by how they ended, for people. */
  readonly endings = new Map<string, number>();
  operations = 0;
  unknownWrites = 0;
  failedReads = 0;
  readonly #clients: readonly S3Client[];
  readonly #random: SeededRandom;
  readonly #avoidedUntilMs: number[];
  readonly #underWay: Set<number>[];

  constructor(clients: readonly S3Client[], random: SeededRandom) {
    this.#clients = clients;
    this.#random = random;
    this.#avoidedUntilMs = clients.map(() => 0);
    this.#underWay = clients.map(() => new Set());
  }

  get count(): number {
    return this.#clients.length;
  }

  /** One operation through a node of its choice (or `at`). */
  async send<T>(
    kind: 'read' | 'write',
    what: string,
    run: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>,
    at?: number,
  ): Promise<Sent<T>> {
    const node = at ?? this.#choose();
    const calledAt = performance.now();
    this.#underWay[node]?.add(calledAt);
    const ending = await this.#run(node, run);
    this.#underWay[node]?.delete(calledAt);
    // Looking for a node that is there is no operation.
    if (ending.kind !== 'refused' || ending.name !== 'NotConnected') this.operations += 1;
    if (ending.kind === 'unknown') {
      if (kind === 'write') this.unknownWrites += 1;
      else this.failedReads += 1;
    }
    if (ending.kind === 'unknown' || (ending.kind === 'refused' && ending.status >= 500))
      this.#avoidedUntilMs[node] = performance.now() + avoidedMs;
    const told = ending.kind === 'answered' ? 'answered' : ending.kind === 'refused' ? `${ending.status} ${ending.name}` : ending.reason;
    this.endings.set(`${what}: ${told}`, (this.endings.get(`${what}: ${told}`) ?? 0) + 1);
    return { ending, node, calledAt, answeredAt: performance.now() };
  }

  async #run<T>(node: number, run: (client: S3Client, options: { abortSignal: AbortSignal }) => Promise<T>): Promise<Ending<T>> {
    const client = this.#clients[node];
    if (client === undefined) throw new Error(`there is no client ${node}`);
    try {
      return { kind: 'answered', value: await run(client, { abortSignal: AbortSignal.timeout(requestTimeoutMs) }) };
    } catch (error) {
      return endingOf(error);
    }
  }

  #choose(): number {
    const nowMs = performance.now();
    const all = this.#clients.map((_, index) => index);
    const good = all.filter(
      (node) => (this.#avoidedUntilMs[node] ?? 0) < nowMs && ![...(this.#underWay[node] ?? [])].some((sinceMs) => nowMs - sinceMs > slowMs),
    );
    return this.#random.pick(good.length > 0 ? good : all);
  }
}

/** What a node says when a write certainly came to nothing, unless it is quoted for another reason. */
const clearly = /nothing was (changed|stored)/i;
const hedged = /may or may not|was written/i;

function endingOf(error: unknown): Ending<never> {
  if (!(error instanceof Error)) throw error;
  const status = statusOf(error);
  if (status === undefined) {
    // Not connected: nothing was sent. Anything else may have been heard.
    if ('code' in error && error.code === 'ECONNREFUSED') return { kind: 'refused', status: 503, name: 'NotConnected' };
    return {
      kind: 'unknown',
      reason: `no answer (${error.name}${'code' in error ? ` ${String(error.code)}` : ''}: ${error.message.slice(0, 100)})`,
    };
  }
  if (status < 500) return { kind: 'refused', status, name: error.name };
  if (status === 503 && error.message.includes('does not serve objects now')) return { kind: 'refused', status, name: 'NotServing' };
  if (status === 503 && clearly.test(error.message) && !hedged.test(error.message))
    return { kind: 'refused', status, name: 'NothingChanged' };
  return { kind: 'unknown', reason: `${status} ${error.name}: ${error.message.replace(/[0-9a-f]{16,}|"[^"]*"/g, '*').slice(0, 120)}` };
}
