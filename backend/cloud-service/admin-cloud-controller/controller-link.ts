import { sleep, type Clock } from '../../base/clock.ts';
import type { ClusterRpcClient, ClusterTarget } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { jittered, type Random } from '../../base/random.ts';
import { AnnounceAnswer, RenewAnswer, type AnnounceRequest } from '../../contracts/cluster-messages.ts';
import type { NodeAddresses, NodeParameters } from '../../contracts/membership.ts';
import { createMessageChecker } from './message.ts';

export interface ControllerLinkDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pki: Pki;
  readonly rpc: ClusterRpcClient;
  readonly controllerUrl: string;
  readonly keyPem: string;
  readonly certificatePem: () => string;
  readonly announcement: () => { parameters: NodeParameters; addresses: NodeAddresses; instanceId: string; membershipVersion: number };
  /** A membership update came from the Controller; gives the version to ask for next where it does not fit on what is here. */
  readonly onMembership: (update: unknown) => Promise<number | undefined>;
  readonly onCertificateOfEpoch: (certificate: unknown) => Promise<void>;
  readonly onRenewed: (certificatePem: string) => Promise<void>;
  /** The Controller refuses this node's certificate: it was fenced or removed. */
  readonly onRevoked: () => void;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;
const renewalCheckMs = 10 * 60_000;
/** Between announcements that correct what the list says: whoever does not listen is not to be told for ever. */
const correctionEveryMs = 60_000;
/** A difference, and the whole list where that does not fit. Whoever sends neither right is asked again by the next ping. */
const questionsAtOnce = 2;
const callTimeoutMs = 10_000;
const introductionTimeoutMs = 3_000;
/** Answers to an announcement that no repetition changes: the start ends with them. */
const finalRefusals: ReadonlySet<string> = new Set(['NodeStillAnswers', 'NameTaken', 'InvalidArgument', 'AccessDenied', 'Revoked']);
const announceChecker = createMessageChecker('announce answer', AnnounceAnswer);
const renewChecker = createMessageChecker('renew answer', RenewAnswer);

/**
 * What a node says to the Controller by itself: that it is back, that its certificate is half over,
 * that it missed a list. Nothing that serves users waits for any of it.
 *
 * Invariants: one question for a list at a time, and one announcement that is repeated until it is heard.
 */
export class ControllerLink {
  readonly #deps: ControllerLinkDeps;
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #asking = false;
  #announcing: Promise<void> | undefined;
  #correctedMs = -Infinity;

  constructor(deps: ControllerLinkDeps) {
    this.#deps = deps;
  }

  start(options: { announce: boolean }): void {
    if (options.announce) this.#keepAnnouncing(0);
    this.#loops.push(this.#renewForEver());
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all([...this.#loops, this.#announcing]);
  }

  /**
   * Asks for what came after `version`, and for the whole list where that does not fit. One question at a time; more are dropped, because
   * pings repeat.
   */
  async askMembership(version: number): Promise<void> {
    if (this.#asking || this.#abort.signal.aborted) return;
    this.#asking = true;
    try {
      let since: number | undefined = version;
      for (let asked = 0; since !== undefined && asked < questionsAtOnce; asked++) since = await this.#askSince(since);
    } finally {
      this.#asking = false;
    }
  }

  async #askSince(version: number): Promise<number | undefined> {
    const answer = await this.#call('membership-since', { version }, callTimeoutMs);
    if (answer.ok) return this.#deps.onMembership(answer.value);
    const { code, message } = answer.failure;
    this.#deps.logger.debug({ code }, `the Controller was asked for a newer list: ${message}`);
    if (code === 'Revoked') this.#deps.onRevoked();
    return undefined;
  }

  /** The list says something else of this node than it says of itself: tells the Controller, once a minute at most. */
  announceAgain(): void {
    const { clock, random, logger } = this.#deps;
    if (this.#announcing !== undefined || this.#abort.signal.aborted) return;
    const waitMs = Math.max(0, this.#correctedMs + correctionEveryMs - clock.monotonicMs());
    this.#correctedMs = clock.monotonicMs() + waitMs;
    logger.warn({ inMs: waitMs }, 'the list of Cloud Services has other addresses or parameters of this node; it announces itself again');
    // All nodes may have heard of it in the same moment.
    this.#keepAnnouncing(waitMs + jittered(random, firstRetryMs));
  }

  #keepAnnouncing(delayMs: number): void {
    this.#announcing = this.#announceUntilHeard(delayMs).finally(() => (this.#announcing = undefined));
  }

  #call(method: string, body: unknown, timeoutMs: number): Promise<Outcome<unknown>> {
    const target: ClusterTarget = { url: this.#deps.controllerUrl, expected: { kind: 'controller' } };
    return this.#deps.rpc.call(target, method, body, { timeoutMs, signal: this.#abort.signal });
  }

  /** One announcement with a short patience, for the start. */
  async announceOnce(): Promise<'heard' | 'not-heard' | Failure> {
    const refused = await this.#announce(introductionTimeoutMs);
    if (refused === undefined) return 'heard';
    return finalRefusals.has(refused.code) ? refused : 'not-heard';
  }

  async #announceUntilHeard(firstDelayMs: number): Promise<void> {
    const { clock, random, logger } = this.#deps;
    if (firstDelayMs > 0) await sleep(clock, firstDelayMs, this.#abort.signal);
    for (let delayMs = firstRetryMs; !this.#abort.signal.aborted; delayMs = Math.min(longestRetryMs, delayMs * 2)) {
      const refused = await this.#announce(callTimeoutMs);
      if (refused === undefined || this.#abort.signal.aborted) return;
      logger.warn({ code: refused.code, retryMs: Math.round(delayMs) }, `the Controller did not take the announcement: ${refused.message}`);
      await sleep(clock, jittered(random, delayMs), this.#abort.signal);
    }
  }

  async #announce(timeoutMs: number): Promise<Failure | undefined> {
    const request: AnnounceRequest = { format: 1, ...this.#deps.announcement() };
    const called = await this.#call('announce', request, timeoutMs);
    const answer = called.ok ? announceChecker.check(called.value) : called;
    if (!answer.ok) return answer.failure;
    this.#deps.logger.info({ membershipVersion: answer.value.membership.version }, 'announced to the Controller');
    const since = await this.#deps.onMembership(answer.value.membership);
    if (since !== undefined) await this.askMembership(since);
    if (answer.value.certificateEpoch !== undefined) await this.#deps.onCertificateOfEpoch(answer.value.certificateEpoch);
    return undefined;
  }

  async #renewForEver(): Promise<void> {
    const { clock, random } = this.#deps;
    while (!this.#abort.signal.aborted) {
      if (this.#renewalIsDue()) await this.#renew();
      await sleep(clock, jittered(random, renewalCheckMs), this.#abort.signal);
    }
  }

  /** From half of its life on, or when the node is now reached under a name that is not in the certificate. */
  #renewalIsDue(): boolean {
    const facts = this.#deps.pki.inspect(this.#deps.certificatePem());
    if (facts === undefined) return false;
    if (this.#deps.clock.nowMs() >= (facts.notBeforeMs + facts.notAfterMs) / 2) return true;
    const { addresses } = this.#deps.announcement();
    const hosts = Object.values(addresses).map((address) => new URL(address).hostname.replace(/^\[|\]$/g, ''));
    return !hosts.every((host) => facts.hosts.includes(host));
  }

  async #renew(): Promise<void> {
    const { pki, logger, keyPem } = this.#deps;
    const called = await this.#call('renew-certificate', { certificateRequest: await pki.createRequest(keyPem) }, callTimeoutMs);
    const answer = called.ok ? renewChecker.check(called.value) : called;
    if (answer.ok) await this.#deps.onRenewed(answer.value.certificate);
    else if (!this.#abort.signal.aborted)
      logger.warn({ code: answer.failure.code }, `the certificate could not be renewed yet: ${answer.failure.message}`);
  }
}
