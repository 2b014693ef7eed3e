import type { HealingDeps } from './healing-deps.ts';

/** Nodes told at the same time. */
const toldAtOnce = 8;
const restMs = 2_000;
const longestRestMs = 60_000;

interface Untold {
  readonly round: number;
  tries: number;
  notBeforeMs: number;
}

/**
 * Tells every other node to look for the copies that should be on this one, each until it has answered. Those that
 * are away, or do not serve and may forget it with their data directory, are told when they are back.
 *
 * Invariant: whoever has answered has heard of it after the last `all`.
 */
export class Telling {
  readonly #deps: Pick<HealingDeps, 'clock' | 'cluster' | 'logger' | 'peers'>;
  readonly #untold = new Map<string, Untold>();
  #round = 0;

  constructor(deps: Pick<HealingDeps, 'clock' | 'cluster' | 'logger' | 'peers'>) {
    this.#deps = deps;
  }

  all(): void {
    const { cluster } = this.#deps;
    this.#round += 1;
    for (const { id } of cluster.nodes())
      if (id !== cluster.selfId) this.#untold.set(id, { round: this.#round, tries: 0, notBeforeMs: Number.NEGATIVE_INFINITY });
  }

  /** Tells those who can be told now. To be called often. */
  async turn(signal: AbortSignal): Promise<void> {
    const { cluster, clock } = this.#deps;
    const nowMs = clock.monotonicMs();
    const ready: string[] = [];
    for (const [nodeId, untold] of this.#untold) {
      const node = cluster.node(nodeId);
      if (node === undefined) this.#untold.delete(nodeId);
      else if (node.reachability !== 'unreachable' && node.serving && nowMs >= untold.notBeforeMs) ready.push(nodeId);
    }
    for (let from = 0; from < ready.length && !signal.aborted; from += toldAtOnce)
      await Promise.all(ready.slice(from, from + toldAtOnce).map((nodeId) => this.#tell(nodeId)));
  }

  async #tell(nodeId: string): Promise<void> {
    const { clock, cluster, logger, peers } = this.#deps;
    const untold = this.#untold.get(nodeId);
    if (untold === undefined) return;
    const told = await peers.verify(nodeId, cluster.selfId);
    // Another round has begun meanwhile: it is told again.
    if (this.#untold.get(nodeId)?.round !== untold.round) return;
    if (told.ok) {
      this.#untold.delete(nodeId);
      return;
    }
    untold.notBeforeMs = clock.monotonicMs() + Math.min(longestRestMs, restMs * 2 ** Math.min(untold.tries, 10));
    untold.tries += 1;
    logger.debug({ nodeId, code: told.failure.code }, 'a node could not be told yet to look for the copies on this one');
  }
}
