import type { ByteStream } from '../../../backend/base/bytes.ts';
import { failed, FailureError, type Outcome } from '../../../backend/base/outcome.ts';
import { failure, type CatalogueFailure } from '../../../backend/contracts/errors.ts';
import type { ProcessLife, Scheduler } from '../scheduler.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedNetwork } from '../simulated-network.ts';

export interface SimulatedCallsDeps<Endpoint> {
  readonly selfId: string;
  readonly life: ProcessLife;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly endpointOf: (nodeId: string) => Endpoint | null;
}

/**
 * Calls of one start of a node to others over the simulated network, beside the register's messages:
 * blobs and words about them. Streams run chunk by chunk; a cut line or a dead end breaks them.
 */
export interface SimulatedCalls<Endpoint> {
  /** One request and its answer; null when one of them was lost. Never resolves in a dead process. */
  call<T>(nodeId: string, work: (endpoint: Endpoint) => Promise<T>): Promise<T | null>;
  /** `content` as it comes out at the other end, on its way there (from this node) or back. */
  across(content: ByteStream, direction: 'there' | 'back', nodeId: string, other: ProcessLife): AsyncGenerator<Uint8Array>;
  unreachable(nodeId: string): Outcome<never, CatalogueFailure>;
}

const transferTimeoutMs = 2_000;

export function createSimulatedCalls<Endpoint extends { readonly life: ProcessLife }>(
  deps: SimulatedCallsDeps<Endpoint>,
): SimulatedCalls<Endpoint> {
  const { selfId, life, scheduler, random, network } = deps;
  const silent = (nodeId: string): CatalogueFailure => failure('Unreachable', `Node ${nodeId} does not answer.`);
  const pause = (delayMs: number): Promise<void> => new Promise((resolve) => scheduler.after(delayMs, resolve));
  const inThisLife = <T>(value: T): Promise<T> | T => (life.alive ? value : new Promise<T>(() => undefined));

  /** Whether what was sent arrives; takes as long as it takes to know. */
  const crosses = async (from: string, to: string, receiver: ProcessLife): Promise<boolean> => {
    await pause(0.1 + 2 * random.fraction());
    if (!network.isCut(from, to) && receiver.alive) return true;
    await pause(transferTimeoutMs);
    return false;
  };

  return {
    unreachable: (nodeId) => failed(silent(nodeId)),
    async *across(content, direction, nodeId, other) {
      const [from, sender, to, receiver] = direction === 'there' ? [selfId, life, nodeId, other] : [nodeId, other, selfId, life];
      const killed = new Promise<'killed'>((resolve) => sender.onKill(() => resolve('killed')));
      const source = content[Symbol.asyncIterator]();
      let isDead = false;
      try {
        for (;;) {
          const next = await Promise.race([source.next(), killed]);
          isDead = next === 'killed';
          if (next === 'killed' || !(await crosses(from, to, receiver))) throw new FailureError(silent(from));
          if (next.done === true) return;
          yield next.value;
        }
      } finally {
        // A dead process never answers that it has closed its end: whoever waited for it would stand still for ever.
        const closed = source.return?.();
        if (!isDead) await closed;
      }
    },
    call: async (nodeId, work) => {
      const endpoint = deps.endpointOf(nodeId);
      if (endpoint === null || !(await crosses(selfId, nodeId, endpoint.life))) return inThisLife(null);
      const lost = new Promise<null>((resolve) => endpoint.life.onKill(() => resolve(null)));
      const answer = await Promise.race([work(endpoint), lost]);
      return inThisLife((await crosses(nodeId, selfId, life)) ? answer : null);
    },
  };
}
