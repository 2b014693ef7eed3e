import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { EpochMember, EpochProposal } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { ringFailureSentence } from '../../contracts/ring-texts.ts';
import { choosePartitionPower } from '../../ring/choose-partition-power.ts';
import { computeRings, fewestMembers, type PlannedRings } from './plan.ts';
import { planView } from './plan-view.ts';
import type { PreviousRings } from './previous-rings.ts';

/**
 * The rings of the next epoch without `leaving`: everybody else stays, answering or not, with the weight that it has, so
 * that nothing moves but the names of those who leave. Pure. Failure: TooFewNodes.
 */
export function planLeaving(
  previous: PreviousRings,
  leaving: ReadonlySet<string>,
  input: { readonly seed: string; readonly membershipVersion: number },
): Outcome<PlannedRings> {
  const { proposal: before } = previous;
  const members = before.members.filter(({ id }) => !leaving.has(id));
  const possible = canBeWithout(before, members);
  if (!possible.ok) return possible;
  const proposal: EpochProposal = {
    format: 1,
    clusterId: before.clusterId,
    epoch: before.epoch + 1,
    attempt: 1,
    members,
    partitionPower: Math.max(choosePartitionPower(members.length), before.partitionPower),
    replicas: before.replicas,
    membershipVersion: input.membershipVersion,
    previousDigest: previous.rings.digest,
  };
  const rings = computeRings(proposal, input.seed, previous.rings);
  return success({ proposal, rings, plan: planView(proposal, rings, previous, []) });
}

/** Whether rings can be made of those who stay. Failure: TooFewNodes. */
export function canBeWithout(before: Pick<EpochProposal, 'replicas' | 'members'>, staying: readonly EpochMember[]): Outcome<void> {
  const weighed = staying.filter(({ weight }) => weight > 0).length;
  if (staying.length >= fewestMembers && weighed >= before.replicas) return success(undefined);
  return failed(
    spokenFailure('TooFewNodes', ringFailureSentence('tooFewStay', { weighed, fewest: Math.max(fewestMembers, before.replicas) })),
  );
}
