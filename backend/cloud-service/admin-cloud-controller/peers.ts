import type { Clock, Timer } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import { jittered, shuffled, type Random } from '../../base/random.ts';
import { PingMessage, type StatusAnswer } from '../../contracts/cluster-messages.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';

/** What own pings have shown of one peer. */
export interface PeerSight {
  readonly reachability: 'reachable' | 'unreachable' | 'unknown';
  readonly lastAnswerAtMs: number | undefined;
  readonly roundTripMs: number | undefined;
  readonly freeBytes: number | undefined;
  /** Its own word; undefined until it was heard. */
  readonly serving: boolean | undefined;
  readonly membershipVersion: number;
  readonly epoch: number;
  /** The start that answered last; undefined until one was heard. */
  readonly boot: number | undefined;
}

export interface PeersDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transport: PeerTransport;
  /** Ids of all other nodes that are worth asking. */
  readonly others: () => readonly string[];
  readonly ownPing: () => PingMessage;
  /** Told of every ping and answer, so that whoever is behind catches up. */
  readonly onSeen: (nodeId: string, message: PingMessage) => void;
}

const periodMs = 2_000;
const pingTimeoutMs = 1_000;
const peersPerPeriod = 3;
const mostLostReported = 50;
/** With three peers a period every pair of fifty nodes is told about once in half a minute. */
const mostLatencies = 8;
/** A period that comes so late says that the process was stopped: others have given it up meanwhile. */
const standstillMs = 3_000;
const unknownSight: PeerSight = {
  reachability: 'unknown',
  lastAnswerAtMs: undefined,
  roundTripMs: undefined,
  freeBytes: undefined,
  serving: undefined,
  membershipVersion: 0,
  epoch: 0,
  boot: undefined,
};
const pingChecker = createMessageChecker('ping', PingMessage);

/**
 * Sight of the other nodes by pinging three random ones each period (SWIM).
 *
 * Invariants: at most one ping to a peer at a time; nothing runs after `stop`.
 */
export class Peers {
  /** Most others are reachable again after most were not, or this process stood still for a while. */
  readonly reunited = new Emitter<void>();
  /** Most others do not answer; told with every ping that shows it. */
  readonly cutOff = new Emitter<void>();
  /** A peer that did not answer, or was started again, does so now; its id. */
  readonly returned = new Emitter<string>();
  /** A peer says that writes of its did not arrive here. */
  readonly missedWrites = new Emitter<void>();
  readonly #deps: PeersDeps;
  readonly #sights = new Map<string, PeerSight>();
  readonly #running = new Map<string, Promise<void>>();
  /** Peers that had a write of this node and did not confirm it, until they have been told. */
  readonly #unheard = new Set<string>();
  /** Round trips by peer, those measured longest ago first; at most `mostLatencies`. */
  readonly #fresh = new Map<string, number>();
  #timer: Timer | undefined;
  #handler: Disposable | undefined;
  #stopped = false;
  #turn = 0;
  #cutOff = false;

  constructor(deps: PeersDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#handler = this.#deps.transport.handle(peerChannels.gossip, (from, payload) => {
      const checked = pingChecker.check(decodeJson(payload));
      if (!checked.ok) throw new Error(checked.failure.message);
      this.#see(from, checked.value, undefined);
      return encodeJson(this.#deps.ownPing());
    });
    this.#schedule(50);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#handler?.dispose();
  }

  sight(nodeId: string): PeerSight {
    return this.#sights.get(nodeId) ?? unknownSight;
  }

  /** A hint: nothing speaks against it. */
  isReachable(nodeId: string): boolean {
    return this.sight(nodeId).reachability !== 'unreachable';
  }

  /** A call has just failed: avoid the peer until a ping is answered. */
  observeFailure(nodeId: string): void {
    if (nodeId === '' || this.#stopped) return;
    this.#sights.set(nodeId, { ...this.sight(nodeId), reachability: 'unreachable' });
    void this.ping(nodeId);
  }

  /** A write was sent to a peer that did not confirm it: it is told with the next ping that it answers, and compares what it holds. */
  noteUnheardWrite(nodeId: string): void {
    if (nodeId !== '') this.#unheard.add(nodeId);
  }

  /** Pings a peer now; resolves when its answer or silence is known. */
  ping(nodeId: string): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const running = this.#running.get(nodeId);
    if (running) return running;
    const ping = this.#pingNow(nodeId).finally(() => this.#running.delete(nodeId));
    this.#running.set(nodeId, ping);
    return ping;
  }

  /** Forgets nodes that have left. */
  keepOnly(nodeIds: ReadonlySet<string>): void {
    for (const id of this.#sights.keys()) if (!nodeIds.has(id)) this.#sights.delete(id);
    for (const id of this.#fresh.keys()) if (!nodeIds.has(id)) this.#fresh.delete(id);
    for (const id of this.#unheard) if (!nodeIds.has(id)) this.#unheard.delete(id);
  }

  /** Sight of the peers asked about and of those that cannot be reached. The others go without saying: a thousand nodes are probed every two seconds. */
  report(asked: readonly string[]): StatusAnswer['peers'] {
    const now = this.#deps.clock.monotonicMs();
    const lost = [...this.#sights].filter(([, sight]) => sight.reachability === 'unreachable').map(([nodeId]) => nodeId);
    const told = new Set([...asked.filter((nodeId) => this.#sights.has(nodeId)), ...lost.slice(0, mostLostReported)]);
    return [...told].map((nodeId) => {
      const sight = this.sight(nodeId);
      return {
        nodeId,
        reachable: sight.reachability === 'reachable',
        lastAnswerAgoMs: sight.lastAnswerAtMs === undefined ? null : Math.round(now - sight.lastAnswerAtMs),
        roundTripMs: sight.roundTripMs ?? null,
      };
    });
  }

  /** The round trips measured last, a few of them: every probe carries them. */
  latencies(): { nodeId: string; roundTripMs: number }[] {
    return [...this.#fresh].map(([nodeId, roundTripMs]) => ({ nodeId, roundTripMs }));
  }

  #schedule(delayMs: number): void {
    if (this.#stopped) return;
    const { clock, random, others } = this.#deps;
    const waitMs = jittered(random, delayMs);
    const dueMs = clock.monotonicMs() + waitMs;
    this.#timer = clock.schedule(waitMs, () => {
      if (clock.monotonicMs() - dueMs > standstillMs) this.reunited.emit();
      const ids = others();
      // Whoever was lost, did not serve or has to be told of missed writes is asked in every period, so that its return is noticed soon.
      const lost = this.#someOf(ids.filter((id) => this.#isOut(id)));
      const chosen = new Set([...shuffled(random, ids).slice(0, peersPerPeriod), ...lost]);
      for (const id of chosen) void this.ping(id);
      this.#schedule(periodMs);
    });
  }

  /** A few in turn: many that never come back must not hide one that does. */
  #someOf(lost: readonly string[]): readonly string[] {
    if (lost.length <= peersPerPeriod) return lost;
    this.#turn += peersPerPeriod;
    const from = this.#turn % lost.length;
    return [...lost.slice(from), ...lost.slice(0, from)].slice(0, peersPerPeriod);
  }

  #isOut(nodeId: string): boolean {
    const { reachability, serving } = this.sight(nodeId);
    return reachability === 'unreachable' || serving === false || this.#unheard.has(nodeId);
  }

  async #pingNow(nodeId: string): Promise<void> {
    const { clock, transport, ownPing } = this.#deps;
    const startedMs = clock.monotonicMs();
    // A write that is not confirmed while this ping is under way is told with the next one.
    const telling = this.#unheard.delete(nodeId);
    const message: PingMessage = { ...ownPing(), ...(telling && { missedWrites: true }) };
    const reply = await transport.request(nodeId, peerChannels.gossip, encodeJson(message), { timeoutMs: pingTimeoutMs });
    const answer = reply.kind === 'reply' ? pingChecker.check(decodeJson(reply.payload)) : undefined;
    if (telling && answer?.ok !== true) this.#unheard.add(nodeId);
    if (this.#stopped) return;
    if (answer?.ok) {
      const roundTripMs = clock.monotonicMs() - startedMs;
      this.#see(nodeId, answer.value, roundTripMs);
      this.#noteLatency(nodeId, roundTripMs);
    } else this.#sights.set(nodeId, { ...this.sight(nodeId), reachability: 'unreachable' });
    this.#noticeCutOff();
  }

  #noteLatency(nodeId: string, roundTripMs: number): void {
    this.#fresh.delete(nodeId);
    this.#fresh.set(nodeId, Math.round(roundTripMs * 100) / 100);
    const [oldest] = this.#fresh.keys();
    if (this.#fresh.size > mostLatencies && oldest !== undefined) this.#fresh.delete(oldest);
  }

  #noticeCutOff(): void {
    const ids = this.#deps.others();
    const lost = ids.filter((id) => this.sight(id).reachability === 'unreachable').length;
    const cutOff = lost > ids.length / 2;
    const reunited = this.#cutOff && !cutOff;
    this.#cutOff = cutOff;
    if (cutOff) this.cutOff.emit();
    if (reunited) this.reunited.emit();
  }

  #see(nodeId: string, message: PingMessage, roundTripMs: number | undefined): void {
    const before = this.sight(nodeId);
    this.#sights.set(nodeId, {
      reachability: 'reachable',
      lastAnswerAtMs: this.#deps.clock.monotonicMs(),
      roundTripMs: roundTripMs ?? before.roundTripMs,
      freeBytes: message.freeBytes,
      serving: message.serving,
      membershipVersion: message.membershipVersion,
      epoch: message.epoch,
      boot: message.boot ?? before.boot,
    });
    const startedAgain = before.boot !== undefined && message.boot !== undefined && message.boot !== before.boot;
    if (before.reachability === 'unreachable' || startedAgain) this.returned.emit(nodeId);
    if (message.missedWrites === true) this.missedWrites.emit();
    this.#deps.onSeen(nodeId, message);
  }
}
