import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import type { RecoveryView } from '../../contracts/recovery.ts';
import type { AdminClient } from '../cli/admin-client.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { askPatiently, patienceMs } from '../cli/ask-patiently.ts';
import { CommandError, usageError } from '../cli/command-error.ts';
import { followRingChange } from '../cli/follow-ring-change.ts';
import { createProgressDisplay } from '../cli/progress-display.ts';
import { describeRecovery } from './describe-recovery.ts';

interface RecoverFlags extends AdminOptions {
  readonly acceptDataLoss?: boolean;
  readonly clusterName?: string;
}

const lookAgain = 'Others were lost meanwhile: look at "mcos ring recover" once more.';
const stillInRings = 'They are still in these rings, which keep a majority without them: "mcos ring create" makes rings without them.';

/** `mcos ring recover`. */
export function addRecoverCommand(ring: Command): void {
  withAdminOptions(ring.command('recover').description('what is lost with the nodes that are down; go on without them'))
    .option('--accept-data-loss', 'give those nodes up, and with them what no majority holds any more')
    .option('--cluster-name <name>', 'the name of the cluster, typed out (a terminal is asked for it)')
    .action(async (options: RecoverFlags) => {
      await withAdmin(options, async (admin) => {
        const view = await admin.get<RecoveryView>('/rings/recovery');
        if (options.acceptDataLoss !== true) return print(options, view, describeRecovery);
        if (view.lostNodes.length === 0) throw new CommandError('Conflict', 'No member of the rings is lost: there is nothing to give up.');
        const clusterName = options.clusterName ?? (await typedName(view));
        const giveUp = sortedNames(view);
        const first = await giveUpNodes(admin, clusterName, giveUp);
        const { finished, still } = await goOn(admin, clusterName, { view, first }).catch((error: unknown) => {
          if (!(error instanceof CommandError)) throw error;
          throw new CommandError(
            error.code,
            `The rings of epoch ${first.epoch} are active and ${giveUp.join(', ')} are given up, but what comes after that is not done: ${error.message}`,
          );
        });
        print(
          options,
          finished,
          (change) =>
            `The rings of epoch ${change.epoch} are active; ${giveUp.join(', ')} are given up, and their certificates are refused everywhere.${still}`,
        );
      });
    });
}

/**
 * A change that was under way has been ended as it was decided, with the nodes that are given up among its members. The word that was given
 * holds for rings without them, too, as long as nobody else is lost.
 */
async function goOn(
  admin: AdminClient,
  clusterName: string,
  { view, first }: { readonly view: RecoveryView; readonly first: RingChangeView },
): Promise<{ readonly finished: RingChangeView; readonly still: string }> {
  const given = new Set(view.lostNodes.map(({ nodeId }) => nodeId));
  const look = (): Promise<RecoveryView> => askPatiently<RecoveryView>(admin, '/rings/recovery', { pollEveryMs: 250, patienceMs });
  let after = await look();
  let finished = first;
  if (after.needed && after.lostNodes.every(({ nodeId }) => given.has(nodeId))) {
    finished = await giveUpNodes(admin, clusterName, sortedNames(after));
    after = await look();
  }
  if (after.needed) return { finished, still: ` ${lookAgain}` };
  return { finished, still: after.lostNodes.some(({ nodeId }) => given.has(nodeId)) ? ` ${stillInRings}` : '' };
}

async function giveUpNodes(admin: AdminClient, clusterName: string, giveUp: readonly string[]): Promise<RingChangeView> {
  const started = await admin.send<RingChangeView>('POST', '/rings/recovery', { acceptDataLoss: true, clusterName, giveUp });
  return followRingChange(admin, started, createProgressDisplay(process.stderr));
}

function sortedNames({ lostNodes }: RecoveryView): string[] {
  return lostNodes.map(({ name }) => name).sort();
}

async function typedName(view: RecoveryView): Promise<string> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw usageError('--accept-data-loss needs the name of the cluster: give it with --cluster-name.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(`${describeRecovery(view)}\n\nType the name of the cluster to give this up: `)).trim();
  } finally {
    lines.close();
  }
}
