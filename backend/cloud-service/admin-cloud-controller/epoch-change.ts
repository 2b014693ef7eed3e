import { toHex } from '../../base/bytes.ts';
import { sleep, type Clock } from '../../base/clock.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, type Outcome } from '../../base/outcome.ts';
import { peerChannels, type PeerTransport } from '../../base/peer-transport.ts';
import type { Pki } from '../../base/pki.ts';
import { jittered, type Random } from '../../base/random.ts';
import { EpochChangeAnswer, EpochChangeRequest, type AcceptedChoice, type EncodedRings } from '../../contracts/epoch-change.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { driveChange, type DriverPlant } from '../../epochs/change-driver.ts';
import type { ClusterAnchor } from '../../epochs/member-signature.ts';
import type { EpochCalls } from '../../epochs/epoch-calls.ts';
import { finishUnheard } from '../../epochs/finish-unheard.ts';
import type { RegisterClient } from '../../register/register-client.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import type { BootRecord } from './boot-record.ts';
import { Carrier, defaultCarrierSettings, type CarrierSettings } from './carrier.ts';
import { EpochAcceptor } from './epoch-acceptor.ts';
import { EpochChangeMember } from './epoch-change-member.ts';
import type { EpochState, EpochView } from './epoch-state.ts';
import { createMessageChecker, decodeJson, encodeJson } from './message.ts';
import { RetiredRows } from './retired-rows.ts';

export interface EpochChangeDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pki: Pki;
  readonly cluster: ClusterAnchor;
  readonly store: RegisterStore;
  readonly transport: PeerTransport;
  readonly epochs: EpochState;
  readonly boot: Pick<BootRecord, 'collect' | 'takeOver'>;
  readonly selfId: string;
  readonly keyPem: string;
  readonly certificatePem: () => string;
  readonly reachable: (nodeId: string) => boolean;
  readonly settings?: Partial<EpochChangeSettings>;
  readonly plants?: ReadonlySet<DriverPlant>;
}

export interface EpochChangeSettings extends CarrierSettings {
  /** How long rows stay after the epoch that they belong to was retired. */
  readonly keepRetiredRowsMs: number;
  /** A decided change that nobody drives for so long is driven by the lowest live member, later by any other. */
  readonly firstPatienceMs: number;
  readonly otherPatienceMs: number;
}

const defaultSettings: EpochChangeSettings = {
  ...defaultCarrierSettings,
  keepRetiredRowsMs: 10 * 60_000,
  firstPatienceMs: 3_000,
  otherPatienceMs: 10_000,
};
const lookEveryMs = 1_000;
const callTimeoutMs = 2_000;
const ringsTimeoutMs = 5_000;
const mostAskedForRings = 5;
const requestChecker = createMessageChecker('epoch-change', EpochChangeRequest);
const answerChecker = createMessageChecker('answer to epoch-change', EpochChangeAnswer);

/** Rings of an epoch that was missed, from whoever told of it, else from some of its members. */
export function createRingsFetcher(
  transport: PeerTransport,
  selfId: string,
): (digest: string, from: string | null, holders: readonly string[]) => Promise<EncodedRings | undefined> {
  return async (digest, from, holders) => {
    const others = holders.filter((id) => id !== selfId && id !== from);
    for (const nodeId of [...(from === null ? [] : [from]), ...others].slice(0, mostAskedForRings)) {
      const answer = await callPeer(transport, nodeId, { kind: 'show', digest }, ringsTimeoutMs);
      if (answer.ok && answer.value.kind === 'shown' && answer.value.rings !== null) return answer.value.rings;
    }
    return undefined;
  };
}

async function callPeer(
  transport: PeerTransport,
  nodeId: string,
  request: EpochChangeRequest,
  timeoutMs: number,
): Promise<Outcome<EpochChangeAnswer>> {
  const reply = await transport.request(nodeId, peerChannels.epochChange, encodeJson(request), { timeoutMs });
  if (reply.kind !== 'reply')
    return failed(
      spokenFailure(reply.kind === 'timeout' ? 'Timeout' : 'Unreachable', callSentence('noAnswer', { id: nodeId, reason: reply.reason })),
    );
  const body = decodeJson(reply.payload);
  const error = (body as { error?: { code: string; message: string } } | undefined)?.error;
  return error === undefined ? answerChecker.check(body) : failed(failure('EpochConflict', error.message));
}

/**
 * This node's part in changes from one epoch to the next: acceptor of the epoch register, carrier of names, and the
 * one who completes a decided change that nobody drives.
 *
 * Invariant: nothing runs after `stop`.
 */
export class EpochChange {
  readonly member: EpochChangeMember;
  readonly acceptor: EpochAcceptor;
  readonly #deps: EpochChangeDeps;
  readonly #settings: EpochChangeSettings;
  readonly #cleanup = new DisposableStore();
  readonly #abort = new AbortController();
  readonly #proposer: string;
  #carrier: Carrier | undefined;
  #retired: RetiredRows | undefined;
  #loop: Promise<void> = Promise.resolve();
  #adoptedAtMs: number;
  /** When this node last asked whether what it has accepted is decided. */
  #lookedAtMs = -Infinity;

  constructor(deps: EpochChangeDeps) {
    this.#deps = deps;
    this.#settings = { ...defaultSettings, ...deps.settings };
    this.#proposer = toHex(deps.random.bytes(8));
    this.#adoptedAtMs = deps.clock.monotonicMs();
    const { clock, epochs, store, pki, selfId, keyPem, certificatePem, boot } = deps;
    this.acceptor = new EpochAcceptor({ epochs, store, pki, cluster: deps.cluster, selfId, keyPem, certificatePem });
    this.member = new EpochChangeMember({
      clock,
      epochs,
      acceptor: this.acceptor,
      carrier: () => this.#carrier,
      starts: { collect: (epoch) => boot.collect(epoch, membersOf(epochs.current)), record: (starts) => boot.takeOver(starts) },
      selfId,
    });
    this.#cleanup.add(
      deps.transport.handle(peerChannels.epochChange, async (from, payload) => {
        const answer = await this.handle(from, decodeJson(payload));
        return encodeJson(answer.ok ? answer.value : { error: answer.failure });
      }),
    );
    this.#cleanup.add(
      epochs.adopted.on(() => {
        this.#adoptedAtMs = clock.monotonicMs();
      }),
    );
  }

  /** A message of whoever drives a change: `from` is a node, or null for a Controller. */
  handle(from: string | null, body: unknown): Promise<Outcome<EpochChangeAnswer>> {
    const checked = requestChecker.check(body);
    return checked.ok ? this.member.handle(from, checked.value) : Promise.resolve(checked);
  }

  start(registers: Pick<RegisterClient, 'carry'>): void {
    const { clock, logger, epochs, store, selfId } = this.#deps;
    this.#carrier = new Carrier({ clock, logger, epochs, registers, settings: this.#settings });
    this.#retired = new RetiredRows({ clock, logger, epochs, store, selfId, keepMs: this.#settings.keepRetiredRowsMs });
    this.#retired.start();
    this.#loop = this.#completeChanges();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#cleanup.dispose();
    this.#carrier?.stop();
    await Promise.all([this.#loop, this.#retired?.stop()]);
  }

  async #completeChanges(): Promise<void> {
    const { clock, random, logger, epochs, plants } = this.#deps;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      await sleep(clock, jittered(random, lookEveryMs), signal);
      const { current } = epochs;
      if (signal.aborted || current === null || !this.#isOurTurn(current)) continue;
      try {
        const { accepted } = this.acceptor;
        if (current.previous === null && accepted !== null) await this.#finishUnheard(current, accepted);
        // Whoever has found out that a change is decided drives it.
        if ((epochs.current?.previous ?? null) === null) continue;
        logger.info({ epoch: epochs.epoch, phase: epochs.regime?.phase }, 'nobody completes the ring change, so this node does');
        await driveChange(
          {
            clock,
            random,
            logger,
            calls: this.#calls,
            proposer: this.#proposer,
            current: () => epochs.current,
            adopt: (certificate) => epochs.adopt(certificate, 'peer'),
            ...(plants && { plants }),
          },
          signal,
        );
      } catch (error) {
        logger.error(
          { error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'completing the ring change failed',
        );
      }
    }
  }

  /** This node has accepted a next epoch, and nobody has told it the end of that. */
  async #finishUnheard(current: EpochView, accepted: AcceptedChoice): Promise<void> {
    const { clock, random, logger, epochs } = this.#deps;
    const deps = { clock, random, calls: this.#calls, proposer: this.#proposer };
    const found = await finishUnheard(deps, current.certificate, accepted, this.#abort.signal);
    this.#lookedAtMs = clock.monotonicMs();
    const { epoch } = accepted.choice.proposal;
    if (found.kind === 'open') return logger.debug({ epoch }, 'a next epoch was accepted here and is not decided');
    if (found.kind === 'unknown') return logger.warn({ epoch }, `whether the next epoch is decided cannot be told yet: ${found.reason}`);
    logger.info({ epoch }, 'the next epoch is decided, and nobody has told: this node does');
    const adopted = await epochs.adopt(found.certificate, 'peer');
    if (!adopted.ok) logger.warn({ epoch, code: adopted.failure.code }, `the next epoch was not taken over: ${adopted.failure.message}`);
  }

  #isOurTurn(current: EpochView): boolean {
    const { clock, selfId, reachable } = this.#deps;
    const since = current.previous === null ? this.#lookedAtMs : -Infinity;
    const idleMs = clock.monotonicMs() - Math.max(this.member.drivenAtMs, this.#adoptedAtMs, since);
    const members = membersOf(current);
    if (!members.includes(selfId)) return false;
    const isFirst = members.find((id) => id === selfId || reachable(id)) === selfId;
    return idleMs > (isFirst ? this.#settings.firstPatienceMs : this.#settings.otherPatienceMs);
  }

  readonly #calls: EpochCalls = {
    call: (nodeId, request) =>
      nodeId === this.#deps.selfId
        ? this.member.handle(nodeId, request)
        : callPeer(this.#deps.transport, nodeId, request, request.kind === 'confirm' ? ringsTimeoutMs : callTimeoutMs),
  };
}

/** Ids of the members of all unretired epochs, ascending. */
function membersOf(view: EpochView | null): string[] {
  const members = [...(view?.certificate.proposal.members ?? []), ...(view?.previous?.certificate.proposal.members ?? [])];
  return [...new Set(members.map(({ id }) => id))].sort();
}
