import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { FailureError } from '../base/outcome.ts';
import type { PeerTransport } from '../base/peer-transport.ts';
import { peerChannels } from '../base/peer-transport.ts';
import type { Acceptor } from './acceptor.ts';
import { MalformedBytes } from './byte-cursor.ts';
import { decodeReply, encodeRequest } from './codec.ts';
import type { RegisterReply, RegisterRequest } from './messages.ts';
import type { Regime, RegisterView, ReplicaGroup } from './register-view.ts';
import type { RingName } from '../contracts/ids.ts';

/** What became of one request at one replica. */
export type NodeReply =
  | Exclude<RegisterReply, { kind: 'ahead' | 'behind' }>
  /** Nothing was sent. */
  | { readonly kind: 'unreachable' }
  /** Nobody knows whether it arrived. */
  | { readonly kind: 'silent' }
  /** The replica knew more; it has been learned from, and the operation starts again. */
  | { readonly kind: 'outdated' };

/** Replicas and rules, fixed for one attempt. */
export interface Attempt {
  readonly regime: Regime;
  readonly groups: readonly ReplicaGroup[];
  /** Every replica once. */
  readonly nodes: readonly string[];
}

/** The rules for a new attempt on (ring, hash) as of now; null before the first epoch. */
export function openAttempt(view: RegisterView, ring: RingName, hash: number): Attempt | null {
  const regime = view.regime();
  if (regime === null) return null;
  const groups = view.groupsOf(ring, hash);
  const first = groups[0];
  if (first === undefined) return null;
  return { regime, groups, nodes: groups.length === 1 ? first : [...new Set(groups.flat())] };
}

/** A request without its header. */
export type RequestBody = RegisterRequest extends infer R
  ? R extends RegisterRequest
    ? Omit<R, 'regime' | 'boot' | 'certificate'>
    : never
  : never;

export interface ReplicaCalls {
  /** Asks one replica; the own acceptor directly. Never rejects. */
  ask(attempt: Attempt, node: string, body: RequestBody): NodeReply | Promise<NodeReply>;
  /** The same for many, encoding once. */
  toEach(attempt: Attempt, body: RequestBody): (node: string) => NodeReply | Promise<NodeReply>;
}

export function createReplicaCalls(deps: {
  view: RegisterView;
  transport: PeerTransport;
  acceptor: Acceptor;
  clock: Clock;
  logger: Logger;
  messageTimeoutMs: number;
}): ReplicaCalls {
  const { view, transport, acceptor, logger } = deps;

  function local(request: RegisterRequest): NodeReply | Promise<NodeReply> {
    try {
      const reply = acceptor.handle(view.selfId, request);
      return reply instanceof Promise ? reply.then(ownReply, ownFailure) : ownReply(reply);
    } catch (error) {
      return ownFailure(error);
    }
  }

  /** The own disk cannot be read: the others can still answer, as they do when that of another fails. */
  function ownFailure(error: unknown): NodeReply {
    if (!(error instanceof FailureError) || error.failure.code !== 'StorageFailed') throw error;
    logger.error({ code: error.failure.code }, error.failure.message);
    return { kind: 'silent' };
  }

  async function remote(node: string, payload: Uint8Array, request: RegisterRequest): Promise<NodeReply> {
    const first = await exchange(node, payload);
    if (first.kind === 'behind') {
      const certificate = view.certificate();
      if (certificate === null) return { kind: 'silent' };
      const second = await exchange(node, encodeRequest({ ...request, certificate }));
      return second.kind === 'behind' ? { kind: 'unavailable', reason: 'not-serving' } : learned(node, second);
    }
    return learned(node, first);
  }

  async function learned(
    node: string,
    reply: Exclude<RegisterReply, { kind: 'behind' }> | { kind: 'unreachable' | 'silent' },
  ): Promise<NodeReply> {
    if (reply.kind !== 'ahead') return reply;
    await view.learn(node, reply.certificate);
    return { kind: 'outdated' };
  }

  async function exchange(node: string, payload: Uint8Array): Promise<RegisterReply | { kind: 'unreachable' | 'silent' }> {
    const answer = await transport.request(node, peerChannels.register, payload, { timeoutMs: deps.messageTimeoutMs });
    if (answer.kind === 'unreachable') return { kind: 'unreachable' };
    if (answer.kind !== 'reply') return { kind: 'silent' };
    try {
      return decodeReply(answer.payload);
    } catch (error) {
      if (!(error instanceof MalformedBytes)) throw error;
      logger.warn({ peer: node, error: error.message }, 'A peer sent a register reply that cannot be read.');
      return { kind: 'silent' };
    }
  }

  const toEach: ReplicaCalls['toEach'] = (attempt, body) => {
    const request: RegisterRequest = { ...body, regime: attempt.regime, boot: view.boot, certificate: null };
    let payload: Uint8Array | null = null;
    return (node) => {
      if (node === view.selfId) return local(request);
      payload ??= encodeRequest(request);
      return remote(node, payload, request);
    };
  };
  return { toEach, ask: (attempt, node, body) => toEach(attempt, body)(node) };
}

function ownReply(reply: RegisterReply): NodeReply {
  // The own view moved on in between: the attempt starts again under the new rules.
  return reply.kind === 'ahead' || reply.kind === 'behind' ? { kind: 'outdated' } : reply;
}
