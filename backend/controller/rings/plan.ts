import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { RingPlan } from '../../contracts/admin-api.ts';
import type { EpochMember, EpochProposal } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { firstOf, ringFailureSentence, ringPartSentence } from '../../contracts/ring-texts.ts';
import type { Sentence, Spoken } from '../../contracts/spoken.ts';
import type { NodeEntry } from '../../contracts/membership.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import { choosePartitionPower } from '../../ring/choose-partition-power.ts';
import { nodeWeight } from '../../ring/node-weight.ts';
import type { RingSet } from '../../ring/ring.ts';
import { describeRefusal, type Refusal } from '../health/trouble.ts';
import { planView } from './plan-view.ts';
import type { PreviousRings } from './previous-rings.ts';

export const fewestMembers = 3;
const replicas = 3;

export interface ListedNode {
  readonly entry: NodeEntry;
  readonly answers: boolean;
  readonly refusal: Refusal | null;
}

export interface PlanInput {
  readonly clusterId: string;
  readonly seed: string;
  /** The active rings that the new ones are built from; null: these are the first. */
  readonly previous: PreviousRings | null;
  readonly attempt: number;
  readonly membershipVersion: number;
  /** All nodes of the list. */
  readonly nodes: readonly ListedNode[];
  /** Weights that the administrator tries out, by node id; null: the computed one. */
  readonly weights: ReadonlyMap<string, number | null>;
  /** The write speed that counts for the node's weight. */
  readonly writeBytesPerSecond: (entry: NodeEntry) => number;
}

export interface PlannedRings {
  readonly proposal: EpochProposal;
  readonly rings: RingSet;
  readonly plan: RingPlan;
}

/** The rings of the next epoch from the nodes that are healthy now. Pure. Failure: TooFewNodes. */
export function planRings(input: PlanInput): Outcome<PlannedRings> {
  const healthy = input.nodes.filter(isReadyForRings);
  if (healthy.length < fewestMembers) return failed(spokenFailure('TooFewNodes', tooFewHealthy(healthy.length, input.nodes)));
  const weighed = weighMembers(healthy, input).filter((member) => member.weight > 0).length;
  const wanted = input.previous?.proposal.replicas ?? replicas;
  if (weighed < wanted) return failed(spokenFailure('TooFewNodes', ringFailureSentence('tooFewWeights', { replicas: wanted, weighed })));
  const members = weighMembers(healthy, input);
  const proposal: EpochProposal = {
    format: 1,
    clusterId: input.clusterId,
    epoch: (input.previous?.proposal.epoch ?? 0) + 1,
    attempt: input.attempt,
    members,
    // Partitions may split, never merge.
    partitionPower: Math.max(choosePartitionPower(members.length), input.previous?.proposal.partitionPower ?? 0),
    replicas: input.previous?.proposal.replicas ?? replicas,
    membershipVersion: input.membershipVersion,
    ...(input.previous === null ? {} : { previousDigest: input.previous.rings.digest }),
  };
  const rings = computeRings(proposal, input.seed, input.previous?.rings ?? null);
  return success({ proposal, rings, plan: planView(proposal, rings, input.previous, leftOutOf(input.nodes)) });
}

/** What every node computes from a proposal and the rings of the epoch before. Pure. */
export function computeRings(proposal: EpochProposal, seed: string, previous: RingSet | null): RingSet {
  return buildRingSet({
    previous,
    nodes: proposal.members,
    partitionPower: proposal.partitionPower,
    replicas: proposal.replicas,
    seed,
  });
}

/** One that refuses to serve would be a replica that never answers. */
export function isReadyForRings(node: ListedNode): boolean {
  return node.entry.state === 'healthy' && node.answers && node.refusal === null;
}

function tooFewHealthy(healthy: number, nodes: PlanInput['nodes']): Sentence {
  const [first, ...others] = nodes.filter(isLeftOut).map(sayLeftOut);
  const fewest = fewestMembers;
  if (first === undefined)
    return healthy === 1 ? ringFailureSentence('oneHealthy', { fewest }) : ringFailureSentence('tooFewHealthy', { fewest, healthy });
  const said = firstOf([first, ...others]);
  return healthy === 1
    ? ringFailureSentence('oneHealthyOf', { fewest }, ...said)
    : ringFailureSentence('tooFewHealthyOf', { fewest, healthy }, ...said);
}

function sayLeftOut({ entry: { state, parameters }, answers, refusal }: ListedNode): Spoken {
  const { name } = parameters;
  if (state !== 'healthy' && state !== 'removed') return ringPartSentence(`${state}Node`, { name });
  if (!answers || refusal === null) return ringPartSentence('silentNode', { name });
  return ringPartSentence(refusal.kind === 'fenced' ? 'fencedNode' : 'readOnlyNode', { name, reason: refusal.reason });
}

function isLeftOut(node: ListedNode): boolean {
  return !isReadyForRings(node) && node.entry.state !== 'removed';
}

function leftOutOf(nodes: PlanInput['nodes']): RingPlan['leftOut'] {
  return nodes.filter(isLeftOut).map((node) => ({ name: node.entry.parameters.name, ...whyLeftOut(node) }));
}

function whyLeftOut({ entry: { state }, answers, refusal }: ListedNode): Pick<RingPlan['leftOut'][number], 'state' | 'reason'> {
  if (state !== 'healthy') return { state, reason: `it is ${state}` };
  if (!answers || refusal === null) return { state: 'silent', reason: 'it has not answered yet' };
  return { state: 'refusing', reason: `it ${describeRefusal(refusal)}` };
}

/** The members with their integer weights, by id ascending: the order gives the indices in the rings. */
function weighMembers(nodes: PlanInput['nodes'], { weights, writeBytesPerSecond }: PlanInput): EpochMember[] {
  const speeds = nodes.map(({ entry }) => writeBytesPerSecond(entry));
  const median = medianOf(speeds);
  return nodes
    .map(({ entry }, index): EpochMember => {
      const weighed = { ...entry.parameters, declaredWriteBytesPerSecond: speeds[index] as number };
      const override = weights.get(entry.id);
      const weight = (override === undefined ? entry.weightOverride : override) ?? nodeWeight(weighed, median);
      return { id: entry.id, name: entry.parameters.name, zone: entry.parameters.zone, weight };
    })
    .sort((left, right) => (left.id < right.id ? -1 : 1));
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
