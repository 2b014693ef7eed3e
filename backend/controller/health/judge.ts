import type { NodeState } from '../../contracts/membership.ts';

/** What is known of one node when its state is judged. Durations in milliseconds. */
export interface Observations {
  readonly missedProbes: number;
  /** Since the last answer to the Controller; null when there never was one. */
  readonly silentMs: number | null;
  /** Fresh reports of peers that tried to reach it. */
  readonly peersAsked: number;
  readonly peersThatReachIt: number;
  /** Other nodes that could be asked at all, because they answer the Controller. */
  readonly otherNodesAnswering: number;
  /** Other nodes on the list that are not removed. */
  readonly otherNodes: number;
}

export interface Judgement {
  readonly state: NodeState;
  readonly sentence: string;
}

export const missesUntilSuspect = 2;
export const missesUntilDown = 5;

/**
 * The state that follows from the observations. Pure.
 *
 * A node is down only when its peers cannot reach it either. When nobody at all answers, the
 * Controller's own line is the likelier fault, so nodes stay suspect.
 */
export function judge(current: NodeState, seen: Observations): Judgement {
  if (current === 'removed') return { state: 'removed', sentence: 'removed from the cluster' };
  if (seen.missedProbes === 0) {
    if (seen.silentMs === null) return { state: current, sentence: 'not probed yet' };
    return { state: current === 'draining' ? 'draining' : 'healthy', sentence: 'answers the Controller' };
  }
  const sentence = evidence(seen);
  // Health must not end a drain or a first probe; both keep their state until an answer or an administrator decides.
  if (current === 'draining') return { state: current, sentence };
  if (seen.missedProbes >= missesUntilDown && isUnreachable(seen)) return { state: 'down', sentence };
  if (current === 'joining' || current === 'down') return { state: current, sentence };
  return { state: seen.missedProbes >= missesUntilSuspect ? 'suspect' : current, sentence };
}

function isUnreachable(seen: Observations): boolean {
  if (seen.otherNodes === 0) return true;
  return seen.otherNodesAnswering > 0 && seen.peersAsked > 0 && seen.peersThatReachIt === 0;
}

function evidence(seen: Observations): string {
  const since = seen.silentMs === null ? 'no answer yet' : `no answer for ${Math.max(1, Math.round(seen.silentMs / 1_000))} s`;
  if (seen.peersAsked > 0) {
    const silent = seen.peersAsked - seen.peersThatReachIt;
    if (silent === 0)
      return `${since} from it to the Controller, but ${count(seen.peersThatReachIt, 'peer')} of ${seen.peersAsked} asked reach it`;
    return `${since} from Controller and ${silent} of ${count(seen.peersAsked, 'peer')}`;
  }
  if (seen.otherNodes > 0 && seen.otherNodesAnswering === 0)
    return `${since} from Controller, nor from any other node: the fault may be the Controller's own line`;
  return `${since} from Controller${seen.otherNodes > 0 ? '; no peer has been asked yet' : ''}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
