import type { Command } from 'commander';
import type { UserView } from '../../contracts/cluster-messages.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { formatBytes, formatTable, formatTime } from '../cli/format.ts';
import { describeQuota, parseQuota } from '../cli/quota.ts';
import { passwordFrom } from '../cli/read-secret.ts';

interface NewKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** `mcos user create|list|show|remove|password|quota` and `mcos user key add|remove`. */
export function addUserCommands(program: Command): void {
  const user = program.command('user').description('accounts of end users');

  withAdminOptions(user.command('create <name>').description('a new account'))
    .option('--new-password <password>', 'its password (MCOS_NEW_PASSWORD; "-" or nothing reads it from standard input)')
    .action(async (name: string, options: AdminOptions & { newPassword?: string }) => {
      const password = await passwordFrom(options.newPassword, '--new-password');
      await withAdmin(options, async (admin) =>
        print(options, await admin.send<unknown>('POST', '/users', { name, password }), () => `User ${name} exists now.`),
      );
    });

  withAdminOptions(user.command('list').description('all accounts')).action(async (options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<UserView[]>('/users'), usersTable));
  });

  withAdminOptions(user.command('show <name>').description('one account')).action(async (name: string, options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<UserView>(userPath(name)), describeUser));
  });

  withAdminOptions(user.command('remove <name>').description('remove an account without buckets')).action(
    async (name: string, options: AdminOptions) => {
      await withAdmin(options, async (admin) =>
        print(options, (await admin.send<unknown>('DELETE', userPath(name))) || {}, () => `User ${name} is removed.`),
      );
    },
  );

  withAdminOptions(user.command('password <name>').description('set another password'))
    .option('--new-password <password>', 'the password (MCOS_NEW_PASSWORD; "-" or nothing reads it from standard input)')
    .action(async (name: string, options: AdminOptions & { newPassword?: string }) => {
      const password = await passwordFrom(options.newPassword, '--new-password');
      await withAdmin(options, async (admin) =>
        print(
          options,
          (await admin.send<unknown>('PUT', `${userPath(name)}/password`, { password })) || {},
          () => `User ${name} has a new password.`,
        ),
      );
    });

  withAdminOptions(
    user.command('quota <name> <size>').description('limit the bytes of all buckets of the account, such as 20GiB; "none" lifts the limit'),
  ).action(async (name: string, size: string, options: AdminOptions) => {
    const quotaBytes = parseQuota(size);
    await withAdmin(options, async (admin) =>
      print(options, await admin.send<UserView>('PUT', `${userPath(name)}/quota`, { quotaBytes }), (set) =>
        describeQuota(`User ${name}`, set),
      ),
    );
  });

  addKeyCommands(user);
}

function addKeyCommands(user: Command): void {
  const key = user.command('key').description('access keys for S3');

  withAdminOptions(key.command('add <name>').description('a new access key; its secret is shown once'))
    .option('--access-key-id <id>', 'use this id (a random one)')
    .option('--secret-access-key <secret>', 'use this secret (a random one)')
    .action(async (name: string, options: AdminOptions & { accessKeyId?: string; secretAccessKey?: string }) => {
      const body = {
        ...(options.accessKeyId === undefined ? {} : { accessKeyId: options.accessKeyId }),
        ...(options.secretAccessKey === undefined ? {} : { secretAccessKey: options.secretAccessKey }),
      };
      await withAdmin(options, async (admin) =>
        print(
          options,
          await admin.send<NewKey>('POST', `${userPath(name)}/keys`, body),
          (made) => `access key id      ${made.accessKeyId}\nsecret access key  ${made.secretAccessKey}`,
        ),
      );
    });

  withAdminOptions(key.command('remove <name> <accessKeyId>').description('make an access key useless')).action(
    async (name: string, accessKeyId: string, options: AdminOptions) => {
      await withAdmin(options, async (admin) =>
        print(
          options,
          (await admin.send<unknown>('DELETE', `${userPath(name)}/keys/${encodeURIComponent(accessKeyId)}`)) || {},
          () => `Access key ${accessKeyId} is removed.`,
        ),
      );
    },
  );
}

function userPath(name: string): string {
  return `/users/${encodeURIComponent(name)}`;
}

function usersTable(users: UserView[]): string {
  if (users.length === 0) return 'There are no users.';
  return formatTable(
    ['NAME', 'CREATED', 'KEYS', 'BUCKETS'],
    users.map((user) => [user.name, formatTime(user.createdAtMs), user.accessKeyIds.length, user.buckets.length]),
  );
}

function describeUser(user: UserView): string {
  return [
    `name     ${user.name}`,
    `id       ${user.id}`,
    `created  ${formatTime(user.createdAtMs)}`,
    `keys     ${user.accessKeyIds.join(', ') || 'none'}`,
    `buckets  ${user.buckets.map((bucket) => bucket.name).join(', ') || 'none'}`,
    `quota    ${user.quotaBytes === undefined ? 'none' : `${formatBytes(user.usedBytes)} of ${formatBytes(user.quotaBytes)} used`}`,
  ].join('\n');
}
