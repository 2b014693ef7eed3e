import type { Command } from 'commander';
import type { ClusterView } from '../../contracts/admin-api.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { visible } from '../cli/format.ts';

/** `mcos status`: how the cluster is, in one look. */
export function addStatusCommand(program: Command): void {
  withAdminOptions(program.command('status').description('how the cluster is, and why')).action(async (options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<ClusterView>('/cluster'), describeCluster));
  });
}

export function describeCluster(cluster: ClusterView): string {
  const states = Object.entries(cluster.counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`);
  return [
    visible(cluster.sentence),
    `cluster     ${cluster.clusterName} (${cluster.clusterId})`,
    `controller  ${cluster.controllerId}, version ${cluster.softwareVersion}, nodes join at ${cluster.clusterUrl}`,
    `nodes       ${states.length === 0 ? 'none' : states.join(', ')}; list version ${cluster.membershipVersion}`,
    ...describeTroubled(cluster.troubled),
    `rings       ${cluster.digest === null ? 'not made yet' : `epoch ${cluster.epoch}, digest ${cluster.digest}`}`,
    ...describeOutside(cluster.notInRings),
    ...describeRemoved(cluster.removedInRings),
  ].join('\n');
}

/** What the count by states does not say. */
function describeTroubled(troubled: ClusterView['troubled']): string[] {
  const line = (count: number, one: string, many: string): string[] =>
    count === 0 ? [] : [`            ${count} of these ${count === 1 ? one : many}. "mcos nodes" says which, and why.`];
  return [
    ...line(troubled?.refusing ?? 0, 'answers, but refuses to serve', 'answer, but refuse to serve'),
    ...line(troubled?.unheard ?? 0, 'is draining and does not answer', 'are draining and do not answer'),
  ];
}

function namesOf({ count, names }: { readonly count: number; readonly names: readonly string[] }): string {
  const more = count - names.length;
  return visible(`${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
}

function describeRemoved(removed: ClusterView['removedInRings']): string[] {
  if (removed === undefined || removed.count === 0) return [];
  const verb = removed.count === 1 ? 'has been removed and is' : 'have been removed and are';
  return [
    `            ${namesOf(removed)} ${verb} still in these rings: names have a replica less until "mcos ring create" makes the next ones.`,
  ];
}

function describeOutside(outside: ClusterView['notInRings']): string[] {
  if (outside === undefined || outside.count === 0) return [];
  const verb = outside.count === 1 ? 'is healthy and holds no names: it is' : 'are healthy and hold no names: they are';
  return [
    `            ${namesOf(outside)} ${verb} not in these rings. "mcos ring plan" shows what the next ones would be, "mcos ring create" makes them.`,
  ];
}
