import type { Command } from 'commander';
import type { AdminAddress, AdminClient } from './admin-client.ts';
import { defaultAdmin } from './default-admin.ts';

/** What every command that asks the Controller has. */
export interface AdminOptions extends AdminAddress {
  readonly json?: boolean;
}

/** Adds --json and the address and login flags to a command. */
export function withAdminOptions(command: Command): Command {
  return withJson(command)
    .option('--controller <url>', `URL of the console (MCOS_CONTROLLER, else ${defaultAdmin.controller})`)
    .option('--ca <file>', 'certificate of the cluster for https (MCOS_CA, else those of the system)')
    .option('--username <name>', `name of the admin (MCOS_USERNAME, else ${defaultAdmin.username})`)
    .option('--password <password>', 'password of the admin (MCOS_PASSWORD)');
}

export function withJson(command: Command): Command {
  return command.option('--json', 'print JSON');
}

/** Runs `task` with a session and ends the session afterwards. */
export async function withAdmin<T>(options: AdminOptions, task: (admin: AdminClient) => Promise<T>): Promise<T> {
  // Commands that ask nobody start in half the time without the client.
  const { createAdminClient } = await import('./admin-client.ts');
  const admin = createAdminClient(options);
  try {
    return await task(admin);
  } finally {
    await admin.close();
  }
}

/** Prints the value as one line of JSON, or as the text that `human` makes of it. */
export function print<T>(options: { readonly json?: boolean }, value: T, human: (value: T) => string): void {
  process.stdout.write(`${options.json === true ? JSON.stringify(value) : human(value)}\n`);
}
