import type { Failure } from '../../base/outcome.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { jittered } from '../../base/random.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { Outcome } from '../../base/outcome.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { regimeOf, regimeToldBy } from '../../epochs/recovery.ts';
import { compareRegimes } from '../../register/register-view.ts';
import type { Registry } from '../registry/registry.ts';

const concurrency = 32;
const firstRetryMs = 300;
const longestRetryMs = 5_000;

/** Hands the certificate to every node that is behind, until it has it. */
export interface Adopter {
  /** Pushes to everybody on the list. */
  pushAll(): void;
  /** There is a newer certificate: nobody is known to have it. */
  restart(): void;
  /** A probe said how far the node is. */
  noteStatus(nodeId: string, status: Pick<StatusAnswer, 'epoch' | 'digest' | 'phase' | 'round'>): void;
  has(nodeId: string): boolean;
  stop(): void;
}

/** Invariant: one push a node at most is under way or waiting, `concurrency` in all. */
export function createAdopter(deps: {
  clock: Clock;
  random: Random;
  registry: Registry;
  certificate: () => EpochCertificate | undefined;
  adopt: (nodeId: string, certificate: EpochCertificate) => Promise<Outcome<void>>;
  adopted: (nodeId: string) => void;
  refused: (nodeId: string, why: Failure) => void;
  /** The node works by a newer epoch or phase. */
  ahead: (nodeId: string) => void;
}): Adopter {
  const holders = new Set<string>();
  const queue: string[] = [];
  const busy = new Set<string>();
  const retries = new Map<string, { delayMs: number; timer: Timer | undefined }>();
  let sending = 0;
  let stopped = false;

  function enqueue(nodeId: string): void {
    if (stopped || holders.has(nodeId) || busy.has(nodeId) || deps.certificate() === undefined) return;
    busy.add(nodeId);
    queue.push(nodeId);
    pump();
  }

  function pump(): void {
    while (!stopped && sending < concurrency) {
      const nodeId = queue.shift();
      if (nodeId === undefined) return;
      sending += 1;
      void send(nodeId).finally(() => {
        sending -= 1;
        pump();
      });
    }
  }

  async function send(nodeId: string): Promise<void> {
    const certificate = deps.certificate();
    const outcome = certificate ? await deps.adopt(nodeId, certificate) : undefined;
    busy.delete(nodeId);
    if (stopped || !outcome) return;
    if (outcome.ok) {
      retries.delete(nodeId);
      // Another may have come meanwhile.
      if (certificate === deps.certificate()) holds(nodeId);
      else enqueue(nodeId);
      return;
    }
    deps.refused(nodeId, outcome.failure);
    const state = deps.registry.get(nodeId)?.entry.state;
    // Nobody waits for a node that is down: its next good probe starts the push again.
    if (state === undefined || state === 'down' || state === 'removed') return;
    const retry = retries.get(nodeId) ?? { delayMs: firstRetryMs, timer: undefined };
    retry.timer?.cancel();
    retry.timer = deps.clock.schedule(jittered(deps.random, retry.delayMs), () => enqueue(nodeId));
    retry.delayMs = Math.min(longestRetryMs, retry.delayMs * 2);
    retries.set(nodeId, retry);
  }

  function holds(nodeId: string): void {
    if (holders.has(nodeId)) return;
    holders.add(nodeId);
    deps.adopted(nodeId);
  }

  return {
    restart: () => holders.clear(),
    pushAll: () => {
      for (const { entry } of deps.registry.records()) if (entry.state !== 'removed') enqueue(entry.id);
    },
    noteStatus: (nodeId, status) => {
      const certificate = deps.certificate();
      if (!certificate) return;
      const order = compareRegimes(regimeToldBy(status), regimeOf(certificate));
      if (order > 0) deps.ahead(nodeId);
      else if (order === 0 && status.digest === certificate.digest) holds(nodeId);
      else {
        holders.delete(nodeId);
        enqueue(nodeId);
      }
    },
    has: (nodeId) => holders.has(nodeId),
    stop: () => {
      stopped = true;
      for (const retry of retries.values()) retry.timer?.cancel();
    },
  };
}
