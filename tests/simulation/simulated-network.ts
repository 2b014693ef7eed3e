import { emptyBytes } from '../../backend/base/bytes.ts';
import type { PeerChannel, PeerHandler, PeerReply, PeerTransport } from '../../backend/base/peer-transport.ts';
import { toDisposable } from '../../backend/base/lifecycle.ts';
import type { ProcessLife, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { Trace } from './trace.ts';
import { fingerprint } from './trace.ts';

/** How bad the network is; probabilities per message and direction. */
export interface NetworkFaults {
  readonly dropShare: number;
  readonly duplicateShare: number;
  /** Messages that take far longer, so that later ones overtake them. */
  readonly slowShare: number;
}

interface Endpoint {
  readonly life: ProcessLife;
  readonly handlers: Map<PeerChannel, PeerHandler>;
}

/**
 * The network between simulated processes: delays, drops, doubles, reorders, cuts one way or both.
 * Only live processes send and receive; a message to a dead one is lost or refused.
 */
export class SimulatedNetwork {
  faults: NetworkFaults = { dropShare: 0, duplicateShare: 0, slowShare: 0 };
  drops = 0;
  /** Messages sent, answers included. */
  messages = 0;
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #trace: Trace;
  readonly #endpoints = new Map<string, Endpoint>();
  readonly #cuts = new Set<string>();

  constructor(scheduler: Scheduler, random: SeededRandom, trace: Trace) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#trace = trace;
  }

  /** Cuts (or mends) what `from` sends to `to`; the other direction is left as it is. */
  setCut(from: string, to: string, cut: boolean): void {
    if (cut) this.#cuts.add(`${from}>${to}`);
    else this.#cuts.delete(`${from}>${to}`);
  }

  isCut(from: string, to: string): boolean {
    return this.#cuts.has(`${from}>${to}`);
  }

  mendAll(): void {
    this.#cuts.clear();
  }

  get cuts(): number {
    return this.#cuts.size;
  }

  /** Whether `node` runs: what a real node learns from its connections. */
  reachable(node: string): boolean {
    return this.#endpoints.get(node)?.life.alive === true;
  }

  /** The transport of one start of node `self`. */
  attach(self: string, life: ProcessLife): PeerTransport {
    const endpoint: Endpoint = { life, handlers: new Map() };
    this.#endpoints.set(self, endpoint);
    return {
      request: (peer, channel, payload, options) => this.#request(self, endpoint, peer, channel, payload, options.timeoutMs),
      handle: (channel, handler) => {
        endpoint.handlers.set(channel, handler);
        return toDisposable(() => endpoint.handlers.delete(channel));
      },
    };
  }

  #request(self: string, sender: Endpoint, peer: string, channel: PeerChannel, payload: Uint8Array, timeoutMs: number): Promise<PeerReply> {
    // A dead process has no future: its continuations must never run again.
    if (!sender.life.alive) return new Promise(() => undefined);
    return new Promise((resolve) => {
      let settled = false;
      const settle = (reply: PeerReply): void => {
        if (settled) return;
        settled = true;
        timer.cancel();
        if (sender.life.alive) resolve(reply);
      };
      const timer = this.#scheduler.after(timeoutMs, () => settle({ kind: 'timeout', reason: 'no answer' }));
      const target = this.#endpoints.get(peer);
      if ((target === undefined || !target.life.alive) && this.#random.chance(0.8)) {
        this.#scheduler.after(0.1 + this.#random.fraction(), () => settle({ kind: 'unreachable', reason: 'connection refused' }));
        return;
      }
      // The bytes leave the process now: what it does to its buffer afterwards must not show.
      const sent = payload.slice();
      this.#carry(self, peer, sent, () => {
        const receiver = this.#endpoints.get(peer);
        const handler = receiver?.life.alive === true ? receiver.handlers.get(channel) : undefined;
        if (receiver === undefined || handler === undefined) return;
        void this.#answer(self, peer, receiver, handler, sent.slice(), settle);
      });
    });
  }

  async #answer(
    from: string,
    peer: string,
    receiver: Endpoint,
    handler: PeerHandler,
    payload: Uint8Array,
    settle: (reply: PeerReply) => void,
  ): Promise<void> {
    let reply: PeerReply;
    try {
      reply = { kind: 'reply', payload: (await handler(from, payload)).slice() };
    } catch (error) {
      // As the production transport does; what broke is told by whoever it belongs to.
      reply = { kind: 'error', reason: String(error) };
    }
    if (!receiver.life.alive) return;
    const sent = reply.kind === 'reply' ? reply.payload : emptyBytes;
    this.#carry(peer, from, sent, () => settle(reply.kind === 'reply' ? { kind: 'reply', payload: sent.slice() } : reply));
  }

  #carry(from: string, to: string, payload: Uint8Array, arrive: () => void): void {
    const random = this.#random;
    this.#trace.add(`${this.#scheduler.nowMs.toFixed(3)} ${from}>${to} ${payload.length} ${fingerprint(payload)}`);
    if (this.#cuts.has(`${from}>${to}`) || random.chance(this.faults.dropShare)) {
      this.drops += 1;
      return;
    }
    const copies = random.chance(this.faults.duplicateShare) ? 2 : 1;
    this.messages += 1;
    for (let copy = 0; copy < copies; copy++) {
      const delayMs =
        0.1 +
        2 * random.fraction() +
        (random.chance(this.faults.slowShare) ? 300 * random.fraction() : 0) +
        (copy > 0 ? 2000 * random.fraction() ** 3 : 0);
      this.#scheduler.after(delayMs, () => {
        // A cut that came while the message was on its way takes it along.
        if (this.#cuts.has(`${from}>${to}`)) this.drops += 1;
        else arrive();
      });
    }
  }
}
