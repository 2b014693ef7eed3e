import type { Clock } from '../../base/clock.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import type { PingMessage } from '../../contracts/cluster-messages.ts';
import { compareRegimes } from '../../register/register-view.ts';
import { regimeOf, regimeToldBy } from '../../epochs/recovery.ts';
import type { EpochState } from './epoch-state.ts';
import type { MembershipList } from './membership-list.ts';
import { decodeJson, encodeJson } from './message.ts';

export interface EpochGossipDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly transport: PeerTransport;
  readonly epochs: EpochState;
  readonly membership: Pick<MembershipList, 'version' | 'changed' | 'whole' | 'applyFromPeer'>;
}

/** What goes over channel `epoch`: news for whoever is behind. Both are signed, lineages of lists beside them: whoever carries them can leave out no more than these. */
interface News {
  readonly certificate?: unknown;
  readonly membership?: unknown;
}

/** The Controller pushes lists itself; peers hand on only one that it had time to push. */
const patienceMs = 5_000;

/**
 * Carries epoch certificates and lists from node to node, so that a decided change and a list that a
 * push has missed get everywhere without the Controller.
 *
 * Invariants: at most one message to a peer at a time; no list is sent again to a peer that holds less than it after it was sent.
 */
export class EpochGossip {
  readonly #deps: EpochGossipDeps;
  readonly #talking = new Set<string>();
  /** By peer: the version that it did not take. At most one for every peer. */
  readonly #refused = new Map<string, number>();
  /** The newest list, of another history perhaps, that the log tells of: every peer may send it. */
  #toldRefusal = 0;
  readonly #handler: Disposable;
  readonly #watch: Disposable;
  #listSinceMs: number;

  constructor(deps: EpochGossipDeps) {
    this.#deps = deps;
    this.#listSinceMs = deps.clock.monotonicMs();
    this.#watch = deps.membership.changed.on(() => {
      this.#listSinceMs = deps.clock.monotonicMs();
    });
    this.#handler = deps.transport.handle(peerChannels.epoch, async (from, payload) => {
      await this.#take(from, decodeJson(payload) as News | null | undefined);
      return encodeJson({ epoch: deps.epochs.epoch, membershipVersion: deps.membership.version });
    });
  }

  dispose(): void {
    this.#handler.dispose();
    this.#watch.dispose();
  }

  /** A peer has told its versions: sends it what it lacks. Being behind ourselves is the peer's turn to notice. */
  async onSeen(nodeId: string, seen: Pick<PingMessage, 'epoch' | 'phase' | 'round' | 'membershipVersion'>): Promise<void> {
    const { clock, epochs, membership, transport } = this.#deps;
    const settled = clock.monotonicMs() - this.#listSinceMs > patienceMs;
    const { current } = epochs;
    const isBehind = current !== null && compareRegimes(regimeToldBy(seen), regimeOf(current.certificate)) < 0;
    const certificate = isBehind ? current.certificate : undefined;
    const lacksList = settled && seen.membershipVersion < membership.version && this.#refused.get(nodeId) !== membership.version;
    const list = lacksList ? membership.whole() : undefined;
    if ((certificate === undefined && list === undefined) || this.#talking.has(nodeId)) return;
    this.#talking.add(nodeId);
    try {
      const reply = await transport.request(
        nodeId,
        peerChannels.epoch,
        encodeJson({ ...(certificate && { certificate }), ...(list && { membership: list }) } satisfies News),
        { timeoutMs: 5_000 },
      );
      if (list !== undefined && reply.kind === 'reply') this.#noteAnswer(nodeId, list.version, decodeJson(reply.payload));
    } finally {
      this.#talking.delete(nodeId);
    }
  }

  /** Whoever still holds less has its reasons, and has told its log of them. */
  #noteAnswer(nodeId: string, sent: number, answer: unknown): void {
    const { membershipVersion } = (answer ?? {}) as { readonly membershipVersion?: unknown };
    if (typeof membershipVersion === 'number' && membershipVersion < sent) this.#refused.set(nodeId, sent);
    else this.#refused.delete(nodeId);
  }

  async #take(from: string, news: News | null | undefined): Promise<void> {
    const { epochs, membership, logger } = this.#deps;
    if (news?.membership !== undefined) {
      const applied = await membership.applyFromPeer(news.membership);
      if (!applied.ok) logger.warn({ from, code: applied.failure.code }, `a list from a peer was refused: ${applied.failure.message}`);
      else if (applied.value.kind === 'other-history') this.#tellOtherHistory(from, news.membership);
    }
    if (news?.certificate !== undefined) {
      const adopted = await epochs.adopt(news.certificate, 'peer', from);
      if (!adopted.ok)
        logger.warn({ from, code: adopted.failure.code }, `an epoch certificate from a peer was refused: ${adopted.failure.message}`);
    }
  }

  #tellOtherHistory(from: string, list: unknown): void {
    const { membership, logger } = this.#deps;
    const { version } = list as { readonly version: number };
    if (version <= this.#toldRefusal) return;
    this.#toldRefusal = version;
    const held = membership.version;
    logger.warn(
      { from, version, held },
      'a list of Cloud Services from a peer does not show that it follows from ours; what the Controller sends settles it',
    );
  }
}
