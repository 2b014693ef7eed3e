import { toHex } from '../../base/bytes.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import { jittered, type Random } from '../../base/random.ts';
import type { RecordedStart } from '../../contracts/epoch-change.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { BootAnswer, BootRequest } from '../../contracts/cluster-messages.ts';
import { servingSentence } from '../../contracts/serving-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { BootNumbers } from '../../register/boot-number.ts';
import type { EpochState } from './epoch-state.ts';
import { recordersOf } from '../../epochs/recovery.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';

export type BootState =
  | { readonly kind: 'recorded' }
  | { readonly kind: 'waiting'; readonly reason: Sentence }
  | { readonly kind: 'fenced'; readonly reason: Sentence };

export interface BootRecordDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly numbers: BootNumbers;
  readonly random: Random;
  readonly selfId: string;
  readonly clusterId: string;
  readonly epochs: {
    /** Number of the newest epoch known here. */
    readonly epoch: number;
    readonly current: { readonly certificate: EpochCertificate } | null;
    adopt(certificate: unknown, source: 'peer', from: string): Promise<unknown>;
  };
  /** How often the rows of the store were changed since the start. */
  readonly changes: () => number;
  /** How often changes show in the store's mark; two seconds unless given. */
  readonly markEveryMs?: number;
}

type Asked = 'recorded' | 'no-answer' | { readonly fenced: number; readonly mark: number };

/** The other members of each unretired epoch, but for those given up: a majority of each has to record a start. */
export function otherMembers(epochs: Pick<EpochState, 'current'>, selfId: string): readonly (readonly string[])[] {
  const { current } = epochs;
  if (current === null) return [];
  const groups = recordersOf(current.certificate.proposal, current.previous?.certificate.proposal);
  return groups.map((members) => members.filter((id) => id !== selfId));
}

const requestChecker = createMessageChecker('boot', BootRequest);
const answerChecker = createMessageChecker('boot answer', BootAnswer);
const retryMs = 500;
/** What a data directory that was put back can hide is younger than this. */
const defaultMarkEveryMs = 2_000;
/** A thousand nodes need not tell everybody: those who come next by id are enough to be asked again. */
const mostTold = 8;

/**
 * Gets the number of this start recorded at a majority of the other members before this node serves
 * (protocol section 1), and records the numbers of others.
 *
 * Invariants: an answer leaves only after its record is durable; a mark is told only after it is durable;
 * once fenced, always fenced, and a fenced node records nobody.
 */
export class BootRecord {
  readonly #deps: BootRecordDeps;
  readonly #startId: string;
  #state: BootState = { kind: 'waiting', reason: servingSentence('notRecorded', {}) };

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
      const { clusterId, epoch, ...start } = checked.value;
      const { numbers, epochs } = this.#deps;
      if (clusterId !== this.#deps.clusterId || start.nodeId !== from)
        throw new Error(`${from} may record its own starts in this cluster only`);
      // Its data directory will be taken away again, and with it whatever is recorded there.
      if (this.#state.kind === 'fenced') throw new Error('this node is fenced and records nothing');
      if ((epoch ?? 0) < numbers.requiredEpoch && epochs.current !== null) return encodeJson({ certificate: epochs.current.certificate });
      return encodeJson(await numbers.record(start));
    });
  }

  /** Starts of `nodeIds` recorded here. From now on those of nodes that do not know `epoch` are sent on to it instead of being recorded. */
  async collect(epoch: number, nodeIds: readonly string[]): Promise<RecordedStart[]> {
    const { numbers } = this.#deps;
    await numbers.requireEpoch(epoch);
    return nodeIds.flatMap((nodeId) => {
      const start = numbers.recordedStart(nodeId);
      return start === undefined ? [] : [{ nodeId, ...start }];
    });
  }

  takeOver(starts: readonly RecordedStart[]): Promise<void> {
    return this.#deps.numbers.takeOver(starts.filter(({ nodeId }) => nodeId !== this.#deps.selfId));
  }

  /**
   * Asks the other members until a majority of each unretired epoch has recorded this start. Resolves then, when
   * fenced, or on abort. `groupsOf`: the other members of each of those epochs, as of now.
   */
  async recordAtPeers(peers: PeerTransport, groupsOf: () => readonly (readonly string[])[], signal: AbortSignal): Promise<void> {
    const recordedBy = new Set<string>();
    while (this.#state.kind === 'waiting' && !signal.aborted) {
      const open = [...new Set(groupsOf().flat())].filter((id) => !recordedBy.has(id));
      const answers = await Promise.all(open.map(async (id) => ({ id, asked: await this.#ask(peers, id) })));
      for (const { id, asked } of answers) {
        if (asked === 'recorded') recordedBy.add(id);
        else if (typeof asked === 'object') this.#fence(id, asked);
      }
      if (this.#state.kind !== 'waiting') return;
      // Where all others have been given up there is nobody to ask.
      const short = groupsOf().find((group) => group.length > 0 && group.filter((id) => recordedBy.has(id)).length * 2 <= group.length);
      if (short === undefined) {
        this.#state = { kind: 'recorded' };
        this.#deps.logger.info({ boot: this.number, recordedBy: recordedBy.size }, 'a majority of the other nodes has recorded this start');
        return;
      }
      this.#state = {
        kind: 'waiting',
        reason: servingSentence('recordedByFew', {
          recorded: short.filter((id) => recordedBy.has(id)).length,
          others: short.length,
          needed: Math.floor(short.length / 2) + 1,
        }),
      };
      await sleep(this.#deps.clock, retryMs, signal);
    }
  }

  /**
   * Tells other members how far the store has come, once this start is recorded and whenever it has changed,
   * until abort or fenced: a data directory that is put back as it was before is recognized by that, however
   * often it is started (each start raises its boot number, but only one that serves raises the mark).
   * `members` is asked again each time.
   */
  async keepTelling(peers: PeerTransport, members: () => readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, random, numbers, changes, selfId, markEveryMs = defaultMarkEveryMs } = this.#deps;
    const told = new Map<string, number>();
    let marked: number | undefined;
    while (!signal.aborted && this.#state.kind !== 'fenced') {
      await sleep(clock, jittered(random, markEveryMs), signal);
      if (signal.aborted || this.#state.kind !== 'recorded') continue;
      const now = changes();
      if (now !== marked && (await this.#raisedMark())) marked = now;
      const { mark } = numbers;
      const behind = nextById(selfId, members()).filter((id) => mark > 0 && told.get(id) !== mark);
      const answers = await Promise.all(behind.map(async (id) => ({ id, asked: await this.#ask(peers, id) })));
      for (const { id, asked } of answers) {
        if (asked === 'recorded') told.set(id, mark);
        else if (typeof asked === 'object') this.#fence(id, asked);
      }
    }
  }

  async #raisedMark(): Promise<boolean> {
    try {
      await this.#deps.numbers.raiseMark();
      return true;
    } catch (error) {
      // No room, say. A disk that has failed ends the process anyway.
      this.#deps.logger.warn({ error: String(error) }, 'how far this store has come could not be marked; it is tried again');
      return false;
    }
  }

  async #ask(peers: PeerTransport, nodeId: string): Promise<Asked> {
    const { clusterId, selfId, epochs } = this.#deps;
    const request: BootRequest = {
      clusterId,
      nodeId: selfId,
      boot: this.number,
      startId: this.#startId,
      epoch: epochs.epoch,
      mark: this.#deps.numbers.mark,
    };
    const reply = await peers.request(nodeId, peerChannels.boot, encodeJson(request), { timeoutMs: 2_000 });
    const answer = reply.kind === 'reply' ? answerChecker.check(decodeJson(reply.payload)) : undefined;
    if (answer === undefined || !answer.ok) return 'no-answer';
    if ('certificate' in answer.value) {
      await epochs.adopt(answer.value.certificate, 'peer', nodeId);
      return 'no-answer';
    }
    return 'fenced' in answer.value ? answer.value : 'recorded';
  }

  #fence(by: string, stands: { readonly fenced: number; readonly mark: number }): void {
    if (this.#state.kind === 'fenced') return;
    const { own, mark } = this.#deps.numbers;
    const reason =
      mark < stands.mark
        ? servingSentence('putBack', { by, told: String(stands.mark), mark: String(mark) })
        : servingSentence('startedElsewhere', { by, recorded: String(stands.fenced), boot: String(own) });
    this.#state = { kind: 'fenced', reason };
    this.#deps.logger.error({ by, recorded: stands.fenced, boot: own, toldMark: stands.mark, mark }, 'this start is fenced');
  }
}

/** The members that follow `selfId` in the order of ids, around the end; at most so many as are told. */
function nextById(selfId: string, members: readonly string[]): readonly string[] {
  const others = members.filter((id) => id !== selfId).sort();
  const from = others.findIndex((id) => id > selfId);
  const start = from === -1 ? 0 : from;
  return [...others.slice(start), ...others.slice(0, start)].slice(0, mostTold);
}
