import type { Clock, Timer } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { jittered } from '../../base/random.ts';
import { MembershipPushAnswer } from '../../contracts/cluster-messages.ts';
import type { MembershipUpdate } from '../../contracts/membership.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import type { SignedList } from './signed-list.ts';

const coalesceMs = 50;
const concurrency = 32;
const pushTimeoutMs = 5_000;
const firstRetryMs = 150;
const longestRetryMs = 5_000;
/** Nodes are behind by few different versions at a time. One that says another each time must not fill the memory. */
const keptDifferences = 32;
const checkAnswer = validator(MembershipPushAnswer, 'answer to a membership push');

/** Pushes the list to every node as the difference from the version that the node acknowledged. */
export interface MembershipPusher {
  /** The node was given, or says that it holds, `version`. */
  noteVersion(nodeId: string, version: number): void;
  /** The version that the node last acknowledged; 0 when it never did. */
  acknowledged(nodeId: string): number;
  stop(): void;
}

interface PushState {
  acknowledged: number;
  kind: 'idle' | 'queued' | 'sending' | 'waiting';
  retryMs: number;
  retry?: Timer;
}

/**
 * Invariants: at most one push a node and `concurrency` in all are under way; a node that is behind
 * is queued, sending, or waiting for its retry; changes within 50 ms travel together; memory holds the newest version only, and of it no more
 * than `keptDifferences` updates.
 */
export function createMembershipPusher(deps: {
  clock: Clock;
  random: Random;
  logger: Logger;
  registry: Registry;
  signedList: SignedList;
  rpc: ClusterRpcClient;
  countPush: (bytes: number, outcome: 'accepted' | 'failed') => void;
  /** What the node holds does not lead to the present list: it comes from another history, and what is only there must not get lost. */
  onOtherHistory: (nodeId: string) => Promise<void>;
}): MembershipPusher {
  const { clock, registry } = deps;
  const states = new Map<string, PushState>();
  const queue: string[] = [];
  let sending = 0;
  let coalescing: Timer | undefined;
  let stopped = false;
  let encoded: { version: number; bySince: Map<number, Promise<{ update: MembershipUpdate; bytes: number }>> } | undefined;
  const farewells = new Set<string>();
  const subscription = registry.onChange(({ after }) => {
    if (after.entry.state === 'removed') farewells.add(after.entry.id);
    coalescing ??= clock.schedule(coalesceMs, () => {
      coalescing = undefined;
      enqueueBehind();
    });
  });

  function stateOf(nodeId: string): PushState {
    let state = states.get(nodeId);
    if (!state) states.set(nodeId, (state = { acknowledged: 0, kind: 'idle', retryMs: firstRetryMs }));
    return state;
  }

  /** A node that is down is told by its first good probe. A removed one is told once, so that it learns of its end. */
  function enqueueBehind(): void {
    for (const { entry } of registry.records()) {
      if (entry.state === 'down') continue;
      if (entry.state === 'removed' && !farewells.delete(entry.id)) continue;
      enqueue(entry.id);
    }
    pump();
  }

  function enqueue(nodeId: string): void {
    const state = stateOf(nodeId);
    if (state.acknowledged >= registry.version || state.kind === 'queued' || state.kind === 'sending') return;
    state.retry?.cancel();
    state.kind = 'queued';
    queue.push(nodeId);
  }

  function pump(): void {
    while (!stopped && sending < concurrency) {
      const nodeId = queue.shift();
      if (nodeId === undefined) return;
      sending += 1;
      const state = stateOf(nodeId);
      state.kind = 'sending';
      void push(nodeId, state).finally(() => {
        sending -= 1;
        pump();
      });
    }
  }

  function encode(sinceVersion: number): Promise<{ update: MembershipUpdate; bytes: number }> {
    if (encoded?.version !== registry.version) encoded = { version: registry.version, bySince: new Map() };
    const { bySince } = encoded;
    let found = bySince.get(sinceVersion);
    if (!found) {
      const [oldest] = bySince.keys();
      if (oldest !== undefined && bySince.size >= keptDifferences) bySince.delete(oldest);
      found = deps.signedList.updateSince(sinceVersion).then((update) => ({ update, bytes: Buffer.byteLength(JSON.stringify(update)) }));
      bySince.set(sinceVersion, found);
    }
    return found;
  }

  async function push(nodeId: string, state: PushState): Promise<void> {
    const record = registry.get(nodeId);
    if (!record) return;
    const { update, bytes } = await encode(state.acknowledged);
    const target = { url: record.entry.addresses.cluster, expected: { kind: 'node', nodeId } } as const;
    const outcome = await deps.rpc.call(target, 'membership-push', update, { timeoutMs: pushTimeoutMs });
    const answer = outcome.ok ? checkAnswer(outcome.value) : outcome;
    // Without a connection nothing was sent.
    deps.countPush(outcome.ok || outcome.failure.code !== 'Unreachable' ? bytes : 0, answer.ok ? 'accepted' : 'failed');
    if (stopped) return;
    if (answer.ok) {
      const progressed = isOfThisHistory(answer.value, update);
      const isBehind = answer.value.version < update.sinceVersion || answer.value.version === 0;
      state.acknowledged = progressed || isBehind ? answer.value.version : 0;
      if (progressed) state.retryMs = firstRetryMs;
      else if (!isBehind) {
        // What it holds does not lead there. Once what is only there is known here, the whole list does.
        await deps.onOtherHistory(nodeId);
        if (stopped) return;
      }
      state.kind = 'idle';
      // It has a gap (restored from a backup, say): the next push starts from what it says it has.
      if (!progressed) retryLater(nodeId, state);
      else if (state.acknowledged < registry.version) enqueue(nodeId);
      return;
    }
    deps.logger.debug({ nodeId, code: answer.failure.code }, 'a membership push was not accepted');
    state.kind = 'idle';
    retryLater(nodeId, state);
  }

  /** It has what was pushed, or something later: not a version that was never made here, nor another list with the number of this one. */
  function isOfThisHistory(held: MembershipPushAnswer, { version, listDigest }: MembershipUpdate): boolean {
    if (held.version === version) return held.digest === undefined || held.digest === listDigest;
    return held.version > version && held.version <= registry.version;
  }

  function retryLater(nodeId: string, state: PushState): void {
    const nodeState = registry.get(nodeId)?.entry.state;
    // The next good probe of a node that is down tells its version and wakes the push up.
    if (nodeState === 'down' || nodeState === 'removed') return;
    state.kind = 'waiting';
    const delayMs = jittered(deps.random, state.retryMs);
    state.retryMs = Math.min(longestRetryMs, state.retryMs * 2);
    state.retry = clock.schedule(delayMs, () => {
      state.kind = 'idle';
      enqueue(nodeId);
      pump();
    });
  }

  return {
    noteVersion: (nodeId, version) => {
      const state = stateOf(nodeId);
      // A version above the own one was made in another history, and says nothing of what the node has acknowledged of this one.
      if (stopped || state.kind === 'sending' || state.kind === 'queued' || version > registry.version) return;
      state.acknowledged = Math.max(0, version);
      // It answers: there is no reason to wait for the retry, only for the changes that travel together.
      if (coalescing !== undefined || state.acknowledged >= registry.version) return;
      state.retryMs = firstRetryMs;
      enqueue(nodeId);
      pump();
    },
    acknowledged: (nodeId) => states.get(nodeId)?.acknowledged ?? 0,
    stop: () => {
      stopped = true;
      subscription.dispose();
      coalescing?.cancel();
      for (const state of states.values()) state.retry?.cancel();
    },
  };
}
