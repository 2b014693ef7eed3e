import { formatBytes } from '../../contracts/format-bytes.ts';
import type { RemovalCheck } from '../../contracts/drain.ts';
import type { NodeState } from '../../contracts/membership.ts';
import type { DrainRecord } from './drain-store.ts';
import type { NamedInCluster } from './named-copies.ts';

export interface RemovalFacts {
  readonly name: string;
  readonly state: NodeState;
  readonly evidence: string;
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
          ...(facts.meanwhile === 'changed' ? [changedMeanwhile] : []),
          ...(named === null ? [] : copyReasons(named, facts.nameOf)),
        ];
  return {
    name,
    allowed: reasons.length === 0,
    reasons,
    named: named === null ? null : named.named,
    onlyHere: named === null ? null : named.onlyThere,
    inRings,
  };
}

const changedMeanwhile =
  'It has changed while its copies were counted: it came back, its drain was begun or taken back, or the rings were changed. Look at it, and try again.';

function presenceReasons({ name, state, evidence, drain }: RemovalFacts): string[] {
  if (drain === 'drained' || state === 'down') return [];
  if (state === 'draining')
    return [`Its drain is not finished (${drain ?? 'copying'}): wait for it, see "mcos node drain ${name} --status".`];
  if (state === 'suspect')
    return [`It is suspect (${evidence}), not down: it may answer again and be given copies. Wait until it is one or the other.`];
  return [`It is ${state} (${evidence}) and takes copies: drain it first with "mcos node drain ${name}".`];
}

function ringReasons({ name, state, inRings, ringsChange }: RemovalFacts, epoch: number): string[] {
  if (ringsChange) return ['The rings are being changed: wait until the new ones are active.'];
  if (!inRings) return [];
  const how =
    state === 'down'
      ? `"mcos node drain ${name}" makes rings without it, and so does "mcos ring create"`
      : `"mcos node drain ${name}" makes rings without it`;
  return [`It is in the rings of epoch ${epoch}, so names depend on it: ${how}.`];
}

function copyReasons({ named, onlyThere, settled, silent, unreadableLists }: NamedInCluster, nameOf: (nodeId: string) => string): string[] {
  if (settled) return [];
  const reasons: string[] = [];
  if (named.blobs > 0)
    reasons.push(`${named.blobs} copies with ${formatBytes(named.bytes)} on it are named by records: they are made again elsewhere first.`);
  if (onlyThere.blobs > 0)
    reasons.push(
      `${onlyThere.blobs} of these blobs with ${formatBytes(onlyThere.bytes)} have no copy on another Cloud Service that answers. Bring those that hold one back; "mcos node fence" gives them up.`,
    );
  if (unreadableLists > 0) reasons.push(`${unreadableLists} lists of blobs of long objects cannot be read now, and may name it.`);
  if (reasons.length === 0) {
    const who =
      silent.length === 0 ? 'some replicas still hold older records' : `${silent.slice(0, 5).map(nameOf).join(', ')} did not answer`;
    reasons.push(`Whether records name it cannot be told for every partition: ${who}. Try again when a majority of the replicas answers.`);
  }
  return reasons;
}
