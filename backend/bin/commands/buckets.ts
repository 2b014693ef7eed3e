import type { Command } from 'commander';
import type { BucketView } from '../../contracts/cluster-messages.ts';
import { print, withAdmin, withAdminOptions, type AdminOptions } from '../cli/admin-command.ts';
import { formatBytes, formatTable, formatTime } from '../cli/format.ts';
import { describeQuota, parseQuota } from '../cli/quota.ts';

/** `mcos bucket create|list|quota|remove`. */
export function addBucketCommands(program: Command): void {
  const bucket = program.command('bucket').description('buckets');

  withAdminOptions(bucket.command('create <name>').description('a new bucket'))
    .requiredOption('--owner <user>', 'the account that it belongs to')
    .action(async (name: string, options: AdminOptions & { owner: string }) => {
      await withAdmin(options, async (admin) =>
        print(options, await admin.send<unknown>('POST', '/buckets', { name, owner: options.owner }), () => `Bucket ${name} exists now.`),
      );
    });

  withAdminOptions(bucket.command('list').description('all buckets')).action(async (options: AdminOptions) => {
    await withAdmin(options, async (admin) => print(options, await admin.get<BucketView[]>('/buckets'), bucketsTable));
  });

  withAdminOptions(
    bucket.command('quota <name> <size>').description('limit the bytes of its objects, such as 20GiB; "none" lifts the limit'),
  ).action(async (name: string, size: string, options: AdminOptions) => {
    const quotaBytes = parseQuota(size);
    await withAdmin(options, async (admin) =>
      print(options, await admin.send<BucketView>('PUT', `/buckets/${encodeURIComponent(name)}/quota`, { quotaBytes }), (set) =>
        describeQuota(`Bucket ${name}`, set),
      ),
    );
  });

  withAdminOptions(bucket.command('remove <name>').description('remove an empty bucket')).action(
    async (name: string, options: AdminOptions) => {
      await withAdmin(options, async (admin) =>
        print(
          options,
          (await admin.send<unknown>('DELETE', `/buckets/${encodeURIComponent(name)}`)) || {},
          () => `Bucket ${name} is removed.`,
        ),
      );
    },
  );
}

function bucketsTable(buckets: BucketView[]): string {
  if (buckets.length === 0) return 'There are no buckets.';
  return formatTable(
    ['NAME', 'OWNER', 'CREATED', 'COPIES', 'SHARDS', 'USED OF QUOTA'],
    buckets.map((bucket) => [
      bucket.name,
      bucket.owner,
      formatTime(bucket.createdAtMs),
      bucket.copies,
      bucket.shards,
      bucket.quotaBytes === undefined ? '-' : `${formatBytes(bucket.usedBytes)} of ${formatBytes(bucket.quotaBytes)}`,
    ]),
  );
}
