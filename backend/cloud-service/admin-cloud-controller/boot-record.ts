import { toHex } from '../../base/bytes.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import type { Random } from '../../base/random.ts';
import { BootAnswer, BootRequest } from '../../contracts/cluster-messages.ts';
import type { BootNumbers } from '../../register/boot-number.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';

export type BootState =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'fenced'; readonly reason: string };

export interface BootRecordDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly numbers: BootNumbers;
  readonly random: Random;
  readonly selfId: string;
  readonly clusterId: string;
}

type Asked = 'recorded' | 'no-answer' | { readonly fencedAt: number };

const requestChecker = createMessageChecker('boot', BootRequest);
const answerChecker = createMessageChecker('boot answer', BootAnswer);
const retryMs = 500;

/**
 * Gets the number of this start recorded at a majority of the other members before this node serves
 * (protocol section 1), and records the numbers of others.
 *
 * Invariants: an answer leaves only after its record is durable; once fenced, always fenced.
 */
export class BootRecord {
  readonly #deps: BootRecordDeps;
  readonly #startId: string;
  #state: BootState = { kind: 'waiting', reason: 'The other nodes have not recorded this start yet.' };

  constructor(deps: BootRecordDeps) {
    this.#deps = deps;
    this.#startId = toHex(deps.random.bytes(8));
  }

  get number(): number {
    return this.#deps.numbers.own;
  }

  get state(): BootState {
    return this.#state;
  }

  recordedOf(nodeId: string): number {
    return this.#deps.numbers.recorded(nodeId);
  }

  /** Before the first epoch the local number is enough: nobody holds an older promise. */
  recordLocally(): void {
    if (this.#state.kind === 'waiting') this.#state = { kind: 'recorded' };
  }

  /** Answers other nodes from the first moment on, before the own number is recorded, so that all can start together. */
  serve(peers: PeerTransport): Disposable {
    return peers.handle(peerChannels.boot, async (from, payload) => {
      const checked = requestChecker.check(decodeJson(payload));
      if (!checked.ok) throw new Error(checked.failure.message);
      const { clusterId, nodeId, boot, startId } = checked.value;
      if (clusterId !== this.#deps.clusterId || nodeId !== from) throw new Error(`${from} may record its own starts in this cluster only`);
      return encodeJson(await this.#deps.numbers.record(nodeId, boot, startId));
    });
  }

  /** Asks the other members until a majority has recorded this start. Resolves then, when fenced, or on abort. */
  async recordAtPeers(peers: PeerTransport, otherMembers: readonly string[], signal: AbortSignal): Promise<void> {
    const needed = Math.floor(otherMembers.length / 2) + 1;
    const recordedBy = new Set<string>();
    while (this.#state.kind === 'waiting' && !signal.aborted) {
      const open = otherMembers.filter((id) => !recordedBy.has(id));
      const answers = await Promise.all(open.map(async (id) => ({ id, asked: await this.#ask(peers, id) })));
      for (const { id, asked } of answers) {
        if (asked === 'recorded') recordedBy.add(id);
        else if (typeof asked === 'object') this.#fence(id, asked.fencedAt);
      }
      if (this.#state.kind !== 'waiting') return;
      if (recordedBy.size >= needed) {
        this.#state = { kind: 'recorded' };
        this.#deps.logger.info({ boot: this.number, recordedBy: recordedBy.size }, 'a majority of the other nodes has recorded this start');
        return;
      }
      this.#state = {
        kind: 'waiting',
        reason: `${recordedBy.size} of ${otherMembers.length} other nodes have recorded this start; ${needed} are needed.`,
      };
      await sleep(this.#deps.clock, retryMs, signal);
    }
  }

  async #ask(peers: PeerTransport, nodeId: string): Promise<Asked> {
    const request: BootRequest = { clusterId: this.#deps.clusterId, nodeId: this.#deps.selfId, boot: this.number, startId: this.#startId };
    const reply = await peers.request(nodeId, peerChannels.boot, encodeJson(request), { timeoutMs: 2_000 });
    const answer = reply.kind === 'reply' ? answerChecker.check(decodeJson(reply.payload)) : undefined;
    if (answer === undefined || !answer.ok) return 'no-answer';
    return 'fenced' in answer.value ? { fencedAt: answer.value.fenced } : 'recorded';
  }

  #fence(by: string, recorded: number): void {
    const reason = `Node ${by} has recorded start ${recorded} of this node, and this one is start ${this.number}: the data directory is a copy, or was restored. Join with an empty data directory instead.`;
    this.#state = { kind: 'fenced', reason };
    this.#deps.logger.error({ by, recorded, boot: this.number }, 'this start is fenced');
  }
}
