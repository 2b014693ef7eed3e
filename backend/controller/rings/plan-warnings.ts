import type { RingPlan } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { Spoken } from '../../contracts/spoken.ts';

/** A zone that carries this many times its weight is worth a warning. */
const zoneExcessShown = 1.1;
/** So much of all names less than its weight would give it is worth one for a node. */
const missingShareShown = 0.02;
/** More than these are summed up by the last one. */
const mostNamed = 5;

/** What the shares of planned rings should make an administrator think about: one warning for each kind, the worst first. Pure. */
export function shareWarnings({ replicas }: Pick<EpochProposal, 'replicas'>, members: RingPlan['members']): Spoken[] {
  const zones = Map.groupBy(members, (member) => member.zone);
  return [
    ...(zones.size < replicas ? [fewZones(zones.size, replicas)] : []),
    ...crowdedZones(zones, members, Math.min(zones.size, replicas)),
    ...cappedNodes(members),
  ];
}

function fewZones(zones: number, replicas: number): Spoken {
  return {
    sentence: `There ${zones === 1 ? 'is 1 zone' : `are ${zones} zones`} for ${replicas} replicas: two replicas of a partition will share a zone, and its loss can stop part of the names.`,
    sentenceKey: 'plan.fewZones',
    sentenceValues: { zones, replicas },
  };
}

function crowdedZones(zones: ReadonlyMap<string, RingPlan['members']>, members: RingPlan['members'], needed: number): Spoken[] {
  const total = sumOf(members, ({ weight }) => weight);
  const crowded = [...zones]
    .map(([name, inside]) => ({
      name,
      wanted: total === 0 ? 0 : sumOf(inside, ({ weight }) => weight) / total,
      share: sumOf(inside, ({ share }) => share),
    }))
    .filter(({ wanted, share }) => wanted > 0 && share > zoneExcessShown * wanted)
    .sort((left, right) => right.share / right.wanted - left.share / left.wanted);
  if (crowded.length === 0) return [];
  const names = listed(crowded.map(apart));
  return [
    {
      sentence: `${crowded.length === 1 ? '1 zone carries' : `${crowded.length} zones carry`} more names than ${crowded.length === 1 ? 'its' : 'their'} weight gives (weight → names): ${names}. Every name needs replicas in ${needed} zones. Add nodes there, or accept it.`,
      sentenceKey: 'plan.crowdedZones',
      sentenceValues: { count: crowded.length, names, needed },
    },
  ];
}

function cappedNodes(members: RingPlan['members']): Spoken[] {
  const total = sumOf(members, ({ weight }) => weight);
  const capped = members
    .map(({ name, weight, share }) => ({ name, wanted: total === 0 ? 0 : weight / total, share }))
    .filter(({ wanted, share }) => wanted - share > missingShareShown)
    .sort((left, right) => right.wanted - right.share - (left.wanted - left.share));
  if (capped.length === 0) return [];
  const names = listed(capped.map(apart));
  return [
    {
      sentence: `${capped.length === 1 ? '1 node gets' : `${capped.length} nodes get`} fewer names than ${capped.length === 1 ? 'its' : 'their'} weight gives (weight → names): ${names}. A node can hold a name only once, and zones are kept apart.`,
      sentenceKey: 'plan.cappedNodes',
      sentenceValues: { count: capped.length, names },
    },
  ];
}

/** Nodes that could not take what the change sends them. Pure. */
export function capacityWarnings(
  members: RingPlan['members'],
  receivedBytes: ReadonlyMap<string, number>,
  freeBytes: (nodeId: string) => number | null,
): Spoken[] {
  const over = members
    .map(({ nodeId, name }) => ({ name, received: Math.round(receivedBytes.get(nodeId) ?? 0), free: freeBytes(nodeId) }))
    .filter(({ received, free }) => free !== null && received > free);
  if (over.length === 0) return [];
  const names = listed(over.map(({ name, received, free }) => `${name} ${received} > ${free ?? 0}`));
  return [
    {
      sentence: `${over.length === 1 ? '1 node' : `${over.length} nodes`} would be over capacity (bytes of records to receive > bytes free): ${names}. Give them space or less weight.`,
      sentenceKey: 'plan.overCapacity',
      sentenceValues: { count: over.length, names },
    },
  ];
}

const sumOf = <T>(all: readonly T[], of: (one: T) => number): number => all.reduce((sum, one) => sum + of(one), 0);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const apart = ({ name, wanted, share }: { name: string; wanted: number; share: number }): string =>
  `${name} ${percent(wanted)} → ${percent(share)}`;

function listed(names: readonly string[]): string {
  const more = names.length - mostNamed;
  return more > 0 ? `${names.slice(0, mostNamed).join(', ')} +${more}` : names.join(', ');
}
