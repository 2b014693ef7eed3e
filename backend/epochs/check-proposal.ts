import { failed, success, type Outcome } from '../base/outcome.ts';
import type { EpochProposal } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import type { Sentence } from '../contracts/spoken.ts';
import type { RingSet } from '../ring/ring.ts';

/**
 * Whether rings can be made of the proposal at all, on top of `previous` (null: the first). Ranges of single values are
 * checked where messages come in. Failures: WrongCluster, InvalidArgument, with what is wrong.
 */
export function checkProposal(proposal: EpochProposal, previous: RingSet | null, clusterId: string): Outcome<void> {
  const { epoch, members, replicas, partitionPower } = proposal;
  const bad = (reason: Sentence): Outcome<never> =>
    failed(spokenFailure('InvalidArgument', epochRefusalSentence('noRingsFor', { epoch: String(epoch), reason })));
  if (proposal.clusterId !== clusterId)
    return failed(spokenFailure('WrongCluster', epochRefusalSentence('ringsOfOther', { theirs: proposal.clusterId, own: clusterId })));
  const seen = new Set<string>();
  for (const { id, name } of members) {
    if (seen.has(id)) return bad(epochRefusalSentence('memberTwice', { name, id }));
    seen.add(id);
  }
  const weighed = members.filter(({ weight }) => weight > 0).length;
  if (weighed < replicas) return bad(epochRefusalSentence('tooFewWeighed', { replicas, weighed }));
  const before = previous?.object.partitionPower ?? 0;
  if (partitionPower < before)
    return bad(epochRefusalSentence('fewerPartitions', { before: String(before), power: String(partitionPower) }));
  return success(undefined);
}
