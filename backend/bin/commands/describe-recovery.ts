import type { RecoveryView } from '../../contracts/recovery.ts';
import { formatTable, visible } from '../cli/format.ts';

const namesShown = 50;

/** What is lost with the nodes that are down, for whoever has to decide whether they are given up. Pure. */
export function describeRecovery(view: RecoveryView): string {
  if (!view.needed)
    return [
      `Every partition of epoch ${view.epoch} has a majority of its replicas: nothing has to be given up. "mcos ring create" makes rings without nodes that are down.`,
      ...aboutStuckNodes(view),
    ].join('\n');
  return [
    `Lost nodes of epoch ${view.epoch}. If any of them can be brought back, bring it back instead.`,
    formatTable(
      ['NODE', 'STATE', 'EVIDENCE'],
      view.lostNodes.map(({ name, state, evidence }) => [name, state, evidence]),
    ),
    ...aboutStuckNodes(view),
    '',
    formatTable(
      ['RING', 'PARTITIONS', 'MAJORITY LOST', 'ALL LOST'],
      view.rings.map(({ ring, partitions, majorityLost, allLost }) => [ring, partitions, majorityLost, allLost]),
    ),
    '',
    ...aboutNames(view),
    ...(view.changing
      ? [
          `The change to epoch ${view.epoch} is under way and cannot end while they are waited for. It is ended first, as it was decided; then rings are made without these nodes.`,
        ]
      : []),
    '',
    `To go on without the lost nodes: "mcos ring recover --accept-data-loss --cluster-name ${view.clusterName}".`,
  ].join('\n');
}

function aboutStuckNodes({ stuckNodes }: RecoveryView): string[] {
  if (stuckNodes.length === 0) return [];
  return [
    '',
    'Not lost, but waiting for the lost ones: half or more of the other members are away, so nobody can record the start of these. They have all that they ever had, and serve as soon as enough of the lost ones are back, or given up.',
    formatTable(
      ['NODE', 'WAITS BECAUSE'],
      stuckNodes.map(({ name, reason }) => [name, reason]),
    ),
  ];
}

function aboutNames({ rings, names, moreNames }: RecoveryView): string[] {
  if (rings.every(({ majorityLost }) => majorityLost === 0))
    return ['Every partition keeps a majority without the lost nodes: no name is lost with them.'];
  const shown = names.slice(0, namesShown).map(({ ring, name }) => `${ring}  ${visible(name)}`);
  const more = names.length - shown.length;
  return [
    'Names in partitions without a majority: what was last acknowledged for them may be lost, and an older state may come back.',
    ...shown,
    ...(more > 0 || moreNames ? [`and ${more > 0 ? `${more} more` : 'others'}${moreNames ? ', not all of them counted' : ''}`] : []),
    ...(rings.some(({ allLost }) => allLost > 0)
      ? ['Names in partitions that are lost altogether are gone; nobody is left who could list them.']
      : []),
  ];
}
