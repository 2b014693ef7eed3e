import type { Command } from 'commander';
import type { AdminClient } from '../cli/admin-client.ts';
import type { WeightOverrides } from '../../contracts/admin-api.ts';
import type { RingChangeView, RingHistoryEntry, RingPlan, RingsView } from '../../contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../contracts/cluster-messages.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { usageError } from '../cli/command-error.ts';
import { confirmOnTerminal } from '../cli/confirm-on-terminal.ts';
import { describeHistory, describeNodeRings, describePlan, describeRings } from '../cli/describe-rings.ts';
import { followRingChange } from '../cli/follow-ring-change.ts';
import { parseWeights } from '../cli/parse-values.ts';
import { createProgressDisplay } from '../cli/progress-display.ts';
import { addRecoverCommand } from './recover.ts';
import { addEvaluateCommand, addRingGroup } from './ring-evaluate.ts';

/** `mcos ring show|plan|create|history|recover|evaluate`. */
export function addRingCommands(program: Command): void {
  const ring = addRingGroup(program);

  withAdminOptions(ring.command('show').description('epoch, digest, phase and shares'))
    .option('--node <name>', 'what this Cloud Service computed itself (what the Controller has)')
    .action(async (options: AdminOptions & { node?: string }) => {
      await withAdmin(options, async (admin) => {
        if (options.node === undefined) print(options, await admin.get<RingsView>('/rings'), describeRings);
        else print(options, await admin.get<RingsShowAnswer>(`/rings/nodes/${encodeURIComponent(options.node)}`), describeNodeRings);
      });
    });

  withWeights(withAdminOptions(ring.command('plan').description('what the next rings would be; changes nothing'))).action(
    async (options: AdminOptions & WeightFlags) => {
      const weights = parseWeights(options.weight);
      await withAdmin(options, async (admin) =>
        print(options, await admin.send<RingPlan>('POST', '/rings/plan', { weights }), describePlan),
      );
    },
  );

  withWeights(withAdminOptions(ring.command('create').description('make the rings, and wait until they are active')))
    .option(
      '--plan, --digest <digest>',
      'exactly the plan with this digest (a terminal is shown the plan and asked; otherwise the present list is taken)',
    )
    .action(async (options: AdminOptions & WeightFlags & { digest?: string }) => {
      const weights = parseWeights(options.weight);
      if (options.digest !== undefined && !/^[0-9a-f]{64}$/.test(options.digest))
        throw usageError(
          `--plan: "${options.digest.slice(0, 80)}" is no digest of a plan: "ring plan" shows it, 64 digits and letters from a to f.`,
        );
      await withAdmin(options, async (admin) => {
        const digest = options.digest ?? (await digestAgreedTo(options, admin, weights));
        const started = await admin.send<RingChangeView>('POST', '/rings', { weights, ...(digest === undefined ? {} : { digest }) });
        const finished = await followRingChange(admin, started, createProgressDisplay(process.stderr));
        print(
          options,
          finished,
          (change) => `Rings of epoch ${change.epoch} are active on all ${change.nodes.length} nodes, digest ${change.digest}.`,
        );
      });
    });

  withAdminOptions(ring.command('history').description('who changed the rings, when, what, and how long it took')).action(
    async (options: AdminOptions) => {
      await withAdmin(options, async (admin) => print(options, await admin.get<RingHistoryEntry[]>('/rings/history'), describeHistory));
    },
  );
  addRecoverCommand(ring);

  addEvaluateCommand(ring);
}

interface WeightFlags {
  readonly weight?: readonly string[];
}

function withWeights(command: Command): Command {
  const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
  return command.option(
    '--weight <name=weight>',
    'weight of a Cloud Service from now on, "auto" for the computed one; repeatable (as they are)',
    collect,
  );
}

/** Whoever sits at a terminal sees the plan and agrees to exactly that; scripts name a digest, or take the present list. */
async function digestAgreedTo(options: AdminOptions, admin: AdminClient, weights: WeightOverrides): Promise<string | undefined> {
  if (options.json === true || !process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const plan = await admin.send<RingPlan>('POST', '/rings/plan', { weights });
  const { digest } = await admin.get<RingsView>('/rings');
  // Nothing to agree to: the Controller says so.
  if (plan.digest === digest) return digest;
  await confirmOnTerminal(`${describePlan(plan)}\n\nMake exactly these rings?`);
  return plan.digest;
}
