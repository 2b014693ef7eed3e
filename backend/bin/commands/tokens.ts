import type { Command } from 'commander';
import type { TokenCreated, TokenView } from '../../contracts/admin-api.ts';
import { defaultTtlSeconds, maximumTtlSeconds } from '../../contracts/token-lifetime.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { formatTable, formatTime } from '../cli/format.ts';
import { parseInteger } from '../cli/parse-values.ts';

/** `mcos token create|list|revoke`: permission to join, for one Cloud Service each. */
export function addTokenCommands(program: Command): void {
  const token = program.command('token').description('join tokens');

  withAdminOptions(token.command('create').description('a token with which one Cloud Service may join'))
    .option('--ttl <seconds>', `how long it can be used (${defaultTtlSeconds}, an hour; at most ${maximumTtlSeconds}, a week)`)
    .option('--note <text>', 'what it is for (nothing)')
    .action(async (options: AdminOptions & { ttl?: string; note?: string }) => {
      const body = {
        ...(options.ttl === undefined ? {} : { ttlSeconds: parseInteger(options.ttl, '--ttl', 10, maximumTtlSeconds) }),
        ...(options.note === undefined ? {} : { note: options.note }),
      };
      await withAdmin(options, async (admin) => print(options, await admin.send<TokenCreated>('POST', '/tokens', body), describeToken));
    });

  withAdminOptions(token.command('list').description('all tokens, without their secrets')).action(async (options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<TokenView[]>('/tokens'), tokensTable));
  });

  withAdminOptions(token.command('revoke <id>').description('make a token useless')).action(async (id: string, options: AdminOptions) => {
    await withAdmin(options, async (admin) =>
      print(options, (await admin.send<unknown>('DELETE', `/tokens/${encodeURIComponent(id)}`)) || {}, () => `Token ${id} is revoked.`),
    );
  });
}

function describeToken(token: TokenCreated): string {
  return `${token.token}\n\nIt is shown once and can be used until ${formatTime(token.expiresAtMs)}. On the server:\n\n  ${token.command}`;
}

function tokensTable(tokens: TokenView[]): string {
  if (tokens.length === 0) return 'There are no tokens.';
  return formatTable(
    ['ID', 'STATE', 'CREATED', 'EXPIRES', 'USED BY', 'NOTE'],
    tokens.map((token) => [
      token.id,
      token.state,
      formatTime(token.createdAtMs),
      formatTime(token.expiresAtMs),
      token.usedBy ?? '-',
      token.note,
    ]),
  );
}
