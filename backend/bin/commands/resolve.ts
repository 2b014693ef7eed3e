import type { Command } from 'commander';
import type { ResolveAnswer } from '../../contracts/cluster-messages.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { formatBytes, visible } from '../cli/format.ts';
import { parseObjectName } from '../cli/parse-values.ts';

/** `mcos resolve BUCKET/KEY`: the way of a name through the three rings, and where its bytes lie. */
export function addResolveCommand(program: Command): void {
  withAdminOptions(program.command('resolve <name>').description('the way of BUCKET/KEY through the three rings')).action(
    async (name: string, options: AdminOptions) => {
      const { bucket, key } = parseObjectName(name);
      await withAdmin(options, async (admin) => print(options, await admin.get<ResolveAnswer>('/resolve', { bucket, key }), describeWay));
    },
  );
}

function describeWay(answer: ResolveAnswer): string {
  const steps = answer.steps.map((step) => {
    const replicas = step.replicas.map((replica) => `${replica.name} (${replica.zone})`).join(', ');
    return `${step.ring.padEnd(10)}${visible(step.name)}\n          partition ${step.partition} on ${replicas}\n          ${step.found ? visible(step.summary) : 'not found'}`;
  });
  const copies = answer.copies.map(
    (copy) => `blob ${copy.blobId}, ${formatBytes(copy.size)}, on ${copy.nodes.map((node) => node.name).join(', ')}`,
  );
  return [`epoch ${answer.epoch}`, ...steps, ...(answer.inline ? ['the bytes lie in the name record itself'] : copies)].join('\n');
}
