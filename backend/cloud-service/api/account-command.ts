import { failed, success, type Outcome } from '../../base/outcome.ts';
import { utf8Text } from '../../base/bytes.ts';
import type { AccountCommand, AccountCommandAnswer, BucketView, UserView } from '../../contracts/cluster-messages.ts';
import type { AccountRecord, BucketRecord } from '../../contracts/names.ts';
import { decodeRecord } from '../../register/record.ts';
import type { RegisterStore, RowPosition } from '../../register/register-store.ts';
import type { Names } from '../names/names.ts';
import { countBucket } from './count-bucket.ts';

export interface AccountCommandDeps {
  readonly names: Names;
  readonly registers: RegisterStore;
}

const rowsPerRead = 1000;
/** The Controller merges all nodes; more users than this are not for a list. */
const mostUsers = 10_000;

/** Runs a change of accounts or buckets for the Controller: both are registers, so a node does it. */
export async function runAccountCommand(deps: AccountCommandDeps, command: AccountCommand): Promise<Outcome<AccountCommandAnswer>> {
  const { accounts, buckets } = deps.names;
  switch (command.kind) {
    case 'create-user':
      return showUser(await accounts.create({ name: command.name, passwordHash: command.passwordHash }));
    case 'set-password':
      return nothing(await accounts.setPassword(command.name, command.passwordHash));
    case 'remove-user':
      return nothing(await accounts.remove(command.name));
    case 'show-user':
      return withUserUsage(deps, await accounts.byName(command.name, { fresh: true }));
    case 'list-users':
      return success({ users: listUsers(deps.registers) });
    case 'add-key': {
      const { accessKeyId, secretAccessKey } = command;
      const added = await accounts.addAccessKey(
        command.name,
        accessKeyId === undefined || secretAccessKey === undefined ? undefined : { accessKeyId, secretAccessKey },
      );
      return added.ok ? success({ key: { accessKeyId: added.value.accessKeyId, secretAccessKey: added.value.secretAccessKey } }) : added;
    }
    case 'remove-key':
      return nothing(await accounts.removeAccessKey(command.name, command.accessKeyId));
    case 'create-bucket': {
      const owner = await accounts.byName(command.owner, { fresh: true });
      return owner.ok ? showBucket(await buckets.create({ id: owner.value.id, name: owner.value.name }, command.bucket)) : owner;
    }
    case 'remove-bucket':
      return nothing(await buckets.remove(command.bucket));
    case 'show-bucket':
      return withBucketUsage(deps, await buckets.resolve(command.bucket, { fresh: true }));
    case 'count-bucket': {
      const counted = await countBucket(deps.names, command.bucket, command.after);
      return counted.ok ? success({ contents: counted.value }) : counted;
    }
    case 'set-bucket-quota':
      return withBucketUsage(deps, await buckets.setQuota(command.bucket, command.quotaBytes));
    case 'set-user-quota':
      return withUserUsage(deps, await buckets.setOwnerQuota(command.name, command.quotaBytes));
  }
}

function nothing(outcome: Outcome<unknown>): Outcome<AccountCommandAnswer> {
  return outcome.ok ? success({}) : failed(outcome.failure);
}

function showUser(outcome: Outcome<AccountRecord>): Outcome<AccountCommandAnswer> {
  return outcome.ok ? success({ user: userView(outcome.value) }) : outcome;
}

function showBucket(outcome: Outcome<BucketRecord>): Outcome<AccountCommandAnswer> {
  return outcome.ok ? success({ bucket: bucketView(outcome.value) }) : outcome;
}

async function withUserUsage({ names }: AccountCommandDeps, outcome: Outcome<AccountRecord>): Promise<Outcome<AccountCommandAnswer>> {
  if (!outcome.ok || outcome.value.quotaBytes === undefined) return showUser(outcome);
  const used = await names.usage.usedBytes('account', outcome.value.id);
  return used.ok ? success({ user: { ...userView(outcome.value), usedBytes: used.value } }) : used;
}

async function withBucketUsage({ names }: AccountCommandDeps, outcome: Outcome<BucketRecord>): Promise<Outcome<AccountCommandAnswer>> {
  if (!outcome.ok || outcome.value.quotaBytes === undefined) return showBucket(outcome);
  const used = await names.usage.usedBytes('bucket', outcome.value.id);
  return used.ok ? success({ bucket: { ...bucketView(outcome.value), usedBytes: used.value } }) : used;
}

function userView(account: AccountRecord): UserView {
  const { name, id, createdAtMs, accessKeyIds, buckets, quotaBytes } = account;
  const quota = quotaBytes === undefined ? {} : { quotaBytes };
  return { name, id, createdAtMs, accessKeyIds: [...accessKeyIds], buckets: [...buckets], ...quota };
}

function bucketView(bucket: BucketRecord): BucketView {
  const { name, id, ownerName, createdAtMs, shards, policy, generation, quotaBytes } = bucket;
  const quota = quotaBytes === undefined ? {} : { quotaBytes };
  return { name, id, owner: ownerName, createdAtMs, shards, copies: policy.copies, generation, ...quota };
}

/** Accounts whose register lies on this node's disk. */
function listUsers(registers: RegisterStore): UserView[] {
  const users: UserView[] = [];
  let after: RowPosition | undefined;
  for (;;) {
    const rows = registers.walk({
      ring: 'account',
      fromHash: after?.hash ?? 0,
      toHash: 0xffff_ffff,
      ...(after === undefined ? {} : { after }),
      limit: rowsPerRead,
    });
    for (const row of rows) {
      const { state } = decodeRecord(row.head);
      if (state === null || !utf8Text(row.key.key).startsWith('u:')) continue;
      users.push(userView(JSON.parse(utf8Text(state)) as AccountRecord));
    }
    after = rows.at(-1)?.key;
    if (rows.length < rowsPerRead || users.length >= mostUsers) return users;
  }
}
