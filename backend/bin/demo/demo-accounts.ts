import type { AdminClient } from '../cli/admin-client.ts';
import { CommandError } from '../cli/command-error.ts';
import type { UserView } from '../../contracts/cluster-messages.ts';
import { waitFor } from './wait-for.ts';
import type { DemoAccount, DemoState } from './demo-state.ts';

/** Makes the two users, their keys and the bucket. May run again after it was cut off: what is there already stays. */
export async function makeAccounts(admin: AdminClient, state: DemoState, signal: AbortSignal): Promise<void> {
  for (const account of [state.user, state.alt]) await makeAccount(admin, account, signal);
  await steadily(
    `bucket ${state.bucket}`,
    () => unlessExisting(admin.send('POST', '/buckets', { name: state.bucket, owner: state.user.username })),
    signal,
  );
}

async function makeAccount(admin: AdminClient, account: DemoAccount, signal: AbortSignal): Promise<void> {
  const path = `/users/${encodeURIComponent(account.username)}`;
  await steadily(
    `user ${account.username}`,
    () => unlessExisting(admin.send('POST', '/users', { name: account.username, password: account.password })),
    signal,
  );
  await steadily(
    `access key of ${account.username}`,
    async () => {
      const user = await admin.get<UserView>(path);
      if (!user.accessKeyIds.includes(account.accessKeyId)) {
        await unlessExisting(
          admin.send('POST', `${path}/keys`, { accessKeyId: account.accessKeyId, secretAccessKey: account.secretAccessKey }),
        );
      }
    },
    signal,
  );
}

const existing = ['Conflict', 'BucketOwned', 'BucketExists', 'NameTaken'];
const passing = ['NotReady', 'OutcomeUnknown', 'QuorumUnavailable', 'Busy', 'Unreachable', 'Timeout'];

async function unlessExisting(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof CommandError) || !existing.includes(error.code)) throw error;
  }
}

/** Nodes that have just got their rings may still be connecting to each other: tries again for a while. */
async function steadily(what: string, task: () => Promise<void>, signal: AbortSignal): Promise<void> {
  await waitFor(
    what,
    async () => {
      try {
        await task();
        return true;
      } catch (error) {
        if (error instanceof CommandError && passing.includes(error.code)) return null;
        throw error;
      }
    },
    { timeoutMs: 30_000, everyMs: 250, signal },
  );
}
