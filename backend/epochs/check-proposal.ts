import { failed, success, type Outcome } from '../base/outcome.ts';
import type { EpochProposal } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import type { RingSet } from '../ring/ring.ts';

/**
 * Whether rings can be made of the proposal at all, on top of `previous` (null: the first). Ranges of single values are
 * checked where messages come in. Failures: WrongCluster, InvalidArgument, with what is wrong.
 */
export function checkProposal(proposal: EpochProposal, previous: RingSet | null, clusterId: string): Outcome<void> {
  const { epoch, members, replicas, partitionPower } = proposal;
  const bad = (what: string): Outcome<never> => failed(failure('InvalidArgument', `No rings can be made for epoch ${epoch}: ${what}.`));
  if (proposal.clusterId !== clusterId)
    return failed(failure('WrongCluster', `The rings are for cluster ${proposal.clusterId}; this node is in ${clusterId}.`));
  const seen = new Set<string>();
  for (const { id, name } of members) {
    if (seen.has(id)) return bad(`the member ${name} (${id}) is named twice`);
    seen.add(id);
  }
  const weighed = members.filter(({ weight }) => weight > 0).length;
  if (weighed < replicas) return bad(`${replicas} replicas need as many members with a weight above 0, and there are ${weighed}`);
  const before = previous?.object.partitionPower ?? 0;
  if (partitionPower < before)
    return bad(`the number of partitions may not fall from 2^${before} to 2^${partitionPower}; partitions split and never merge`);
  return success(undefined);
}
