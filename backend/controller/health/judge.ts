import type { NodeState } from '../../contracts/membership.ts';
import { valuesOf } from '../../contracts/compose-text.ts';
import type { Spoken } from '../../contracts/spoken.ts';
import { describeRefusal, missesUntilDown, type Refusal } from './trouble.ts';

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
  /** By its last answer. */
  readonly refusal: Refusal | null;
}

export interface Judgement {
  readonly state: NodeState;
  readonly evidence: Spoken;
}

export const notProbed: Spoken = { sentence: 'not probed yet', sentenceKey: 'evidence.notProbed', sentenceValues: {} };
const removed: Spoken = { sentence: 'removed from the cluster', sentenceKey: 'evidence.removed', sentenceValues: {} };
const answers: Spoken = { sentence: 'answers the Controller', sentenceKey: 'evidence.answers', sentenceValues: {} };

export const missesUntilSuspect = 2;

/**
 * The state that follows from the observations. Pure.
 *
 * A node is down only when its peers cannot reach it either. When nobody at all answers, the
 * Controller's own line is the likelier fault, so nodes stay suspect. A node that refuses to serve keeps
 * the state that its answers give it (who asks it gets an answer); its evidence says so, and trouble.ts counts it.
 */
export function judge(current: NodeState, seen: Observations): Judgement {
  if (current === 'removed') return { state: 'removed', evidence: removed };
  if (seen.missedProbes === 0) {
    if (seen.silentMs === null) return { state: current, evidence: notProbed };
    const state = current === 'draining' ? 'draining' : 'healthy';
    return { state, evidence: seen.refusal === null ? answers : refuses(seen.refusal) };
  }
  const evidence = evidenceOf(seen);
  // Health must not end a drain or a first probe; both keep their state until an answer or an administrator decides.
  if (current === 'draining') return { state: current, evidence };
  if (isUnreachable(seen)) return { state: 'down', evidence };
  if (current === 'joining' || current === 'down') return { state: current, evidence };
  return { state: seen.missedProbes >= missesUntilSuspect ? 'suspect' : current, evidence };
}

function refuses(refusal: Refusal): Spoken {
  return {
    sentence: `answers the Controller, but ${describeRefusal(refusal)}`,
    sentenceKey: refusal.kind === 'fenced' ? 'evidence.servesNobody' : 'evidence.takesNoWrites',
    ...valuesOf({ reason: refusal.reason }),
  };
}

/** What makes a node down, and says of one that is being drained (which stays `draining`) that it is as good as that. Pure. */
export function isUnreachable(seen: Observations): boolean {
  if (seen.missedProbes < missesUntilDown) return false;
  if (seen.otherNodes === 0) return true;
  return seen.otherNodesAnswering > 0 && seen.peersAsked > 0 && seen.peersThatReachIt === 0;
}

function evidenceOf(seen: Observations): Spoken {
  const seconds = seen.silentMs === null ? 0 : Math.max(1, Math.round(seen.silentMs / 1_000));
  const since = seen.silentMs === null ? 'no answer yet' : `no answer for ${seconds} s`;
  const told = (kind: string, rest: string, values: Spoken['sentenceValues'] = {}): Spoken => ({
    sentence: `${since} from ${rest}`,
    sentenceKey: `evidence.${seen.silentMs === null ? 'never' : 'silent'}.${kind}`,
    sentenceValues: seen.silentMs === null ? values : { seconds, ...values },
  });
  const { peersAsked: asked, peersThatReachIt: reach } = seen;
  const silent = asked - reach;
  if (asked > 0 && silent === 0)
    return told('reached', `it to the Controller, but ${count(reach, 'peer')} of ${asked} asked reach it`, { reach, asked });
  if (asked > 0) return told('unreached', `Controller and ${silent} of ${count(asked, 'peer')}`, { silent, asked });
  if (seen.otherNodes > 0 && seen.otherNodesAnswering === 0)
    return told('ownLine', "Controller, nor from any other node: the fault may be the Controller's own line");
  return seen.otherNodes > 0 ? told('notAsked', 'Controller; no peer has been asked yet') : told('alone', 'Controller');
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
