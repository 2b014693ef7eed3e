import type { Command } from 'commander';
import type { DrainView, RemovalCheck } from '../../contracts/drain.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { usageError } from '../cli/command-error.ts';
import { describeDrain, describeRemoval, followDrain, followRemoval } from '../cli/follow-drain.ts';
import { createProgressDisplay } from '../cli/progress-display.ts';

interface DrainFlags extends AdminOptions {
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly cancel?: boolean;
  readonly status?: boolean;
  readonly wait: boolean;
}

/** `mcos node drain` and `mcos node remove`. */
export function addDrainCommands(node: Command): void {
  withAdminOptions(node.command('drain <name>').description('copy everything away from a Cloud Service, then make rings without it'))
    .option('--pause', 'stop copying for now')
    .option('--resume', 'go on copying')
    .option('--cancel', 'take it into use again; what was copied away stays away')
    .option('--status', 'how far it is')
    .option('--no-wait', 'do not wait until it is drained')
    .action(async (name: string, options: DrainFlags) => {
      const path = `/nodes/${encodeURIComponent(name)}/drain`;
      const asked = (['pause', 'resume', 'cancel', 'status'] as const).filter((flag) => options[flag] === true);
      if (asked.length > 1) throw usageError(`--${asked.join(' and --')} exclude each other.`);
      await withAdmin(options, async (admin) => {
        if (options.status === true) return print(options, await admin.get<DrainView | null>(path), describeDrain);
        if (options.pause === true) return print(options, await admin.send<DrainView>('POST', `${path}/pause`), describeDrain);
        if (options.cancel === true) return print(options, await admin.send<DrainView>('DELETE', path), describeDrain);
        const begun = await admin.send<DrainView>('POST', options.resume === true ? `${path}/resume` : path);
        for (const warning of begun.warnings) process.stderr.write(`warning: ${warning}\n`);
        const shown = options.wait ? await followDrain(admin, begun, createProgressDisplay(process.stderr)) : begun;
        print(options, shown, describeDrain);
      });
    });

  withAdminOptions(node.command('remove <name>').description('take a Cloud Service that nothing depends on off the list for good'))
    .option('--check', 'only tell whether it may be removed, and why not')
    .option('--wait', 'wait until the copies of a dead one are made again from the others')
    .action(async (name: string, options: AdminOptions & { check?: boolean; wait?: boolean }) => {
      const path = `/nodes/${encodeURIComponent(name)}`;
      await withAdmin(options, async (admin) => {
        if (options.check === true) return print(options, await admin.get<RemovalCheck>(`${path}/removal`), describeRemoval);
        if (options.wait === true) await followRemoval(admin, `${path}/removal`, createProgressDisplay(process.stderr));
        await admin.send('DELETE', path);
        print(
          options,
          { name, removed: true },
          () => `${name} is removed: its certificate is refused everywhere, and its data directory is of no use any more.`,
        );
      });
    });
}
