import { randomBytes, randomInt } from 'node:crypto';
import { clientsOf, isLarge, type BenchPlan, type Phase } from '../plan.ts';
import { createLoadClient, type LoadAnswer, type LoadClient } from './http-load-client.ts';
import type { LoadTarget, TurnResult } from './load-messages.ts';
import { processorSeconds } from './processor-time.ts';

const largeObjects = 4;
const listPage = 1000;
/** A client that fails this often in one turn has nothing to measure. */
const failuresAtMost = 20;

type Done = { readonly answer: LoadAnswer; readonly units: number };

/**
 * The operations on one target and the names it holds.
 *
 * Invariant: `small` has exactly the keys whose PUT was acknowledged and whose DELETE was not begun.
 */
export class TargetLoad {
  readonly target: LoadTarget;
  readonly #plan: BenchPlan;
  readonly #client: LoadClient;
  readonly #bucket = `bench${randomBytes(4).toString('hex')}`;
  readonly #smallBody: Uint8Array;
  readonly #largeBody: Uint8Array;
  readonly #small: string[] = [];
  readonly #large = new Set<string>();
  #sequence = 0;
  #listAfter = '';

  constructor(target: LoadTarget, plan: BenchPlan) {
    this.target = target;
    this.#plan = plan;
    this.#client = createLoadClient(target.origin, target.credentials, Math.max(plan.smallClients, plan.largeClients));
    this.#smallBody = randomBytes(plan.smallBytes);
    this.#largeBody = randomBytes(plan.largeBytes);
  }

  /** A plain server lists nothing. */
  offers(phase: Phase): boolean {
    return phase !== 'list' || this.target.credentials !== null;
  }

  async createBucket(): Promise<void> {
    if (this.target.credentials === null) return;
    const { status, text } = await this.#client.send('PUT', `/${this.#bucket}`, { keepText: true });
    if (status !== 200) throw new Error(`${this.target.name} did not make a bucket: ${status} ${text}`);
  }

  /** Puts the objects that a phase needs to be there. */
  async prepare(phase: Phase): Promise<void> {
    if (phase === 'get-large') {
      for (let index = 0; index < largeObjects; index++) if (!this.#large.has(`large/${index}`)) await this.#putLarge(index);
    }
    const wanted = phase === 'list' ? this.#plan.listKeys : phase === 'get-small' ? this.#plan.smallObjects : 0;
    await Promise.all(
      Array.from({ length: this.#plan.smallClients }, async () => {
        while (this.#small.length < wanted) {
          const { answer } = await this.#putSmall();
          if (answer.status >= 300) throw new Error(`${this.target.name} refused a PUT: ${answer.status}`);
        }
      }),
    );
  }

  /** Runs one turn with the phase's number of clients. Ends early when there is nothing left to delete. */
  async turn(phase: Phase, seconds: number): Promise<TurnResult> {
    const startedAtMs = performance.now();
    const endMs = startedAtMs + seconds * 1000;
    const cpu = process.cpuUsage();
    const serverBefore = processorSeconds(this.target.pids);
    const latenciesMs: number[] = [];
    const failures: Record<string, number> = {};
    let units = 0;
    const client = async (index: number): Promise<void> => {
      let failed = 0;
      while (performance.now() < endMs && failed < failuresAtMost) {
        const beganMs = performance.now();
        const done = await this.#operation(phase, index).catch((error: unknown) =>
          error instanceof Error ? error : new Error(String(error)),
        );
        if (done === null) return;
        const reason = done instanceof Error ? done.message : problemOf(phase, done, this.#plan);
        if (reason === null && !(done instanceof Error)) {
          latenciesMs.push(performance.now() - beganMs);
          units += done.units;
        } else {
          failed += 1;
          failures[String(reason)] = (failures[String(reason)] ?? 0) + 1;
        }
      }
    };
    await Promise.all(Array.from({ length: clientsOf(this.#plan, phase) }, (_, index) => client(index)));
    const used = process.cpuUsage(cpu);
    return {
      seconds: (performance.now() - startedAtMs) / 1000,
      operations: latenciesMs.length,
      units,
      latenciesMs,
      failures,
      serverCpuSeconds: processorSeconds(this.target.pids) - serverBefore,
      generatorCpuSeconds: (used.user + used.system) / 1e6,
    };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #operation(phase: Phase, client: number): Promise<Done | null> {
    switch (phase) {
      case 'put-small':
        return this.#putSmall();
      case 'get-small':
        return this.#get(this.#small[randomInt(this.#small.length)] ?? '');
      case 'put-large':
        return this.#putLarge(client);
      case 'get-large':
        return this.#get(`large/${randomInt(largeObjects)}`);
      case 'list':
        return this.#list();
      case 'delete':
        return this.#delete();
    }
  }

  async #putSmall(): Promise<Done> {
    const key = `small/${String(++this.#sequence).padStart(9, '0')}`;
    const answer = await this.#client.send('PUT', this.#path(key), { body: this.#smallBody });
    if (answer.status < 300) this.#small.push(key);
    return { answer, units: this.#smallBody.length };
  }

  async #putLarge(index: number): Promise<Done> {
    const key = `large/${index}`;
    const answer = await this.#client.send('PUT', this.#path(key), { body: this.#largeBody });
    if (answer.status < 300) this.#large.add(key);
    return { answer, units: this.#largeBody.length };
  }

  async #get(key: string): Promise<Done> {
    const answer = await this.#client.send('GET', this.#path(key));
    return { answer, units: answer.bytes };
  }

  /** One page; after the last one it starts again from the first. */
  async #list(): Promise<Done> {
    const v2 = this.target.listForm === 'v2';
    const after = this.#listAfter === '' ? '' : `${v2 ? 'start-after' : 'marker'}=${encodeURIComponent(this.#listAfter)}`;
    // In the order that signing demands.
    const query = [
      ...(v2 ? ['list-type=2'] : after === '' ? [] : [after]),
      `max-keys=${listPage}`,
      'prefix=small%2F',
      ...(v2 && after !== '' ? [after] : []),
    ].join('&');
    const answer = await this.#client.send('GET', `/${this.#bucket}`, { query, keepText: true });
    const keys = answer.text.split('<Key>');
    const last = keys.length > 1 ? (keys.at(-1) ?? '') : '';
    this.#listAfter = answer.text.includes('<IsTruncated>true') ? last.slice(0, last.indexOf('<')) : '';
    return { answer, units: keys.length - 1 };
  }

  async #delete(): Promise<Done | null> {
    const key = this.#small.pop();
    if (key === undefined) return null;
    return { answer: await this.#client.send('DELETE', this.#path(key)), units: 0 };
  }

  #path(key: string): string {
    return `/${this.#bucket}/${key}`;
  }
}

/** Why an answer does not count, or null. A GET must have all its bytes. */
function problemOf(phase: Phase, { answer }: Done, plan: BenchPlan): string | null {
  if (answer.status >= 300) return `status ${answer.status}`;
  if (phase !== 'get-small' && phase !== 'get-large') return null;
  const expected = isLarge(phase) ? plan.largeBytes : plan.smallBytes;
  return answer.bytes === expected ? null : `${answer.bytes} bytes instead of ${expected}`;
}
