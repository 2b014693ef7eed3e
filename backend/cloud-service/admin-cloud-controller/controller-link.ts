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
  /** A membership update, or an epoch certificate, came from the Controller. */
  readonly onMembership: (update: unknown) => Promise<void>;
  readonly onCertificateOfEpoch: (certificate: unknown) => Promise<void>;
  readonly onRenewed: (certificatePem: string) => Promise<void>;
  /** The Controller refuses this node's certificate: it was fenced or removed. */
  readonly onRevoked: () => void;
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;
const renewalCheckMs = 10 * 60_000;
const callTimeoutMs = 10_000;
const introductionTimeoutMs = 3_000;
/** Answers to an announcement that no repetition changes: the start ends with them. */
const finalRefusals: ReadonlySet<string> = new Set(['NodeStillAnswers', 'NameTaken', 'InvalidArgument', 'AccessDenied', 'Revoked']);
const announceChecker = createMessageChecker('announce answer', AnnounceAnswer);
const renewChecker = createMessageChecker('renew answer', RenewAnswer);

/**
 * What a node says to the Controller by itself: that it is back, that its certificate is half over,
 * that it missed a list. Nothing that serves users waits for any of it.
 */
export class ControllerLink {
  readonly #deps: ControllerLinkDeps;
  readonly #abort = new AbortController();
  readonly #loops: Promise<void>[] = [];
  #asking = false;

  constructor(deps: ControllerLinkDeps) {
    this.#deps = deps;
  }

  start(options: { announce: boolean }): void {
    if (options.announce) this.#loops.push(this.#announceUntilHeard());
    this.#loops.push(this.#renewForEver());
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#loops);
  }

  /** Asks for what came after `version`. One question at a time; more are dropped, because pings repeat. */
  async askMembership(version: number): Promise<void> {
    if (this.#asking || this.#abort.signal.aborted) return;
    this.#asking = true;
    try {
      const answer = await this.#call('membership-since', { version }, callTimeoutMs);
      if (answer.ok) await this.#deps.onMembership(answer.value);
      else if (answer.failure.code === 'Revoked') this.#deps.onRevoked();
      else this.#deps.logger.debug({ code: answer.failure.code }, `the Controller was asked for a newer list: ${answer.failure.message}`);
    } finally {
      this.#asking = false;
    }
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

  async #announceUntilHeard(): Promise<void> {
    const { clock, random, logger } = this.#deps;
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
    await this.#deps.onMembership(answer.value.membership);
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
