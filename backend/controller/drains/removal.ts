import type { Failure } from '../../base/outcome.ts';
import type { RemovalCheck } from '../../contracts/drain.ts';
import { drainStateSentence, removalSentence } from '../../contracts/drain-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { NodeState } from '../../contracts/membership.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { firstNames } from '../../contracts/ring-texts.ts';
import type { Sentence, Spoken } from '../../contracts/spoken.ts';
import type { DrainRecord } from './drain-store.ts';
import type { NamedInCluster } from './named-copies.ts';

export interface RemovalFacts {
  readonly name: string;
  readonly state: NodeState;
  readonly evidence: Spoken;
  /** Null: no rings have been made yet, so nothing is stored. */
  readonly epoch: number | null;
  readonly inRings: boolean;
  readonly ringsChange: boolean;
  readonly drain: DrainRecord['state'] | null;
  /** Whether something of the above became otherwise while the copies were counted, which takes minutes: the count says nothing then. */
  readonly meanwhile: 'unchanged' | 'changed';
  /** Null before the first rings. */
  readonly named: NamedInCluster | null;
  readonly nameOf: (nodeId: string) => string;
}

/** Whether nothing that is stored depends on the node any more, and if not, what does. Pure. */
export function judgeRemoval(facts: RemovalFacts): RemovalCheck {
  const { name, epoch, inRings, named } = facts;
  const reasons =
    epoch === null
      ? []
      : [
          ...presenceReasons(facts),
          ...ringReasons(facts, epoch),
          ...(facts.meanwhile === 'changed' ? [removalSentence('changedMeanwhile', {})] : []),
          ...(named === null ? [] : copyReasons(named, facts.nameOf)),
        ];
  return {
    name,
    allowed: reasons.length === 0,
    reasons: reasons.map(({ sentence }) => sentence),
    spokenReasons: reasons,
    named: named === null ? null : named.named,
    onlyHere: named === null ? null : named.onlyThere,
    inRings,
  };
}

/** The failure of a removal that is not allowed; the particulars are those of the check. */
export function stillNeeded({ name, reasons, spokenReasons = [], named, onlyHere, inRings }: RemovalCheck): Failure {
  const said = reasons.map((message, index) => passedOn({ message, spoken: spokenReasons[index] }));
  return spokenFailure('NodeStillNeeded', refusalSentence('stillNeeded', { name }, ...(said as [Spoken, ...Spoken[]])), {
    reasons,
    spokenReasons,
    named,
    onlyHere,
    inRings,
  });
}

function presenceReasons({ name, state, evidence, drain }: RemovalFacts): Sentence[] {
  if (drain === 'drained' || state === 'down') return [];
  if (state === 'draining') return [removalSentence('drainNotFinished', { name }, drainStateSentence(drain ?? 'copying', {}))];
  if (state === 'suspect') return [removalSentence('suspect', {}, evidence)];
  return [removalSentence(state, { name }, evidence)];
}

function ringReasons({ name, state, inRings, ringsChange }: RemovalFacts, epoch: number): Sentence[] {
  if (ringsChange) return [removalSentence('ringsChange', {})];
  if (!inRings) return [];
  return [removalSentence(state === 'down' ? 'downInRings' : 'inRings', { name, epoch: String(epoch) })];
}

function copyReasons(
  { named, onlyThere, settled, silent, unreadableLists }: NamedInCluster,
  nameOf: (nodeId: string) => string,
): Sentence[] {
  if (settled) return [];
  const reasons: Sentence[] = [];
  if (named.blobs > 0) reasons.push(removalSentence('copiesNamed', { ...named }));
  if (onlyThere.blobs > 0) reasons.push(removalSentence('onlyThere', { ...onlyThere }));
  if (unreadableLists > 0) reasons.push(removalSentence('unreadableLists', { lists: unreadableLists }));
  if (reasons.length > 0) return reasons;
  if (silent.length === 0) return [removalSentence('olderRecords', {})];
  return [removalSentence('silent', { names: firstNames(silent.map(nameOf)) })];
}
