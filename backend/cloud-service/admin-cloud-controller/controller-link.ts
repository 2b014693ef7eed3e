import { sleep, type Clock } from '../../base/clock.ts';
import type { ClusterRpcClient, ClusterTarget } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import type { Outcome } from '../../base/outcome.ts';
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
}

const firstRetryMs = 500;
const longestRetryMs = 30_000;
const renewalCheckMs = 10 * 60_000;
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
      const answer = await this.#call('membership-since', { version });
      if (answer.ok) await this.#deps.onMembership(answer.value);
      else this.#deps.logger.debug({ code: answer.failure.code }, `the Controller was asked for a newer list: ${answer.failure.message}`);
    } finally {
      this.#asking = false;
    }
  }

  #call(method: string, body: unknown): Promise<Outcome<unknown>> {
    const target: ClusterTarget = { url: this.#deps.controllerUrl, expected: { kind: 'controller' } };
    return this.#deps.rpc.call(target, method, body, { timeoutMs: 10_000, signal: this.#abort.signal });
  }

  async #announceUntilHeard(): Promise<void> {
    const { clock, random, logger } = this.#deps;
    for (let delayMs = firstRetryMs; !this.#abort.signal.aborted; delayMs = Math.min(longestRetryMs, delayMs * 2)) {
      const request: AnnounceRequest = { format: 1, ...this.#deps.announcement() };
      const called = await this.#call('announce', request);
      const answer = called.ok ? announceChecker.check(called.value) : called;
      if (answer.ok) {
        logger.info({ membershipVersion: answer.value.membership.version }, 'announced to the Controller');
        await this.#deps.onMembership(answer.value.membership);
        if (answer.value.certificateEpoch !== undefined) await this.#deps.onCertificateOfEpoch(answer.value.certificateEpoch);
        return;
      }
      if (this.#abort.signal.aborted) return;
      logger.warn(
        { code: answer.failure.code, retryMs: Math.round(delayMs) },
        `the Controller did not take the announcement: ${answer.failure.message}`,
      );
      await sleep(clock, jittered(random, delayMs), this.#abort.signal);
    }
  }

  async #renewForEver(): Promise<void> {
    const { clock, random, pki, logger } = this.#deps;
    while (!this.#abort.signal.aborted) {
      await sleep(clock, jittered(random, renewalCheckMs), this.#abort.signal);
      if (this.#abort.signal.aborted) return;
      const facts = pki.inspect(this.#deps.certificatePem());
      if (facts === undefined || clock.nowMs() < (facts.notBeforeMs + facts.notAfterMs) / 2) continue;
      const called = await this.#call('renew-certificate', { certificateRequest: await pki.createRequest(this.#deps.keyPem) });
      const answer = called.ok ? renewChecker.check(called.value) : called;
      if (answer.ok) await this.#deps.onRenewed(answer.value.certificate);
      else logger.warn({ code: answer.failure.code }, `the certificate could not be renewed yet: ${answer.failure.message}`);
    }
  }
}
