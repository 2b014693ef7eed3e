import type { Logger } from '../../base/logger.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import type { AccountCommand, BucketView, UserView } from '../../contracts/cluster-messages.ts';
import { AccountCommandAnswer } from '../../contracts/cluster-messages.ts';
import { canonicalJson } from '../../contracts/canonical-json.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { forEachBounded } from '../for-each-bounded.ts';
import { validator } from '../validate.ts';
import type { NodeCalls } from './node-calls.ts';

const concurrency = 16;
const replicas = 3;
const checkAnswer = validator(AccountCommandAnswer, 'answer to an account command');

/** End users and their buckets: registers of the rings, so nodes carry the changes out. */
export interface Accounts {
  run(command: AccountCommand): Promise<Outcome<AccountCommandAnswer>>;
  createUser(name: string, password: string): Promise<Outcome<AccountCommandAnswer>>;
  setPassword(name: string, password: string): Promise<Outcome<AccountCommandAnswer>>;
  /** By name, ascending, merged from all healthy nodes. */
  listUsers(): Promise<Outcome<UserView[]>>;
  /** By name, ascending. */
  listBuckets(): Promise<Outcome<BucketView[]>>;
}

export function createAccounts(deps: { nodes: NodeCalls; passwordHasher: PasswordHasher; logger: Logger }): Accounts {
  const { nodes } = deps;

  async function run(command: AccountCommand): Promise<Outcome<AccountCommandAnswer>> {
    const outcome = await nodes.callAny('account-command', command);
    return outcome.ok ? checkAnswer(outcome.value) : outcome;
  }

  /** Every node's answer; a node that does not answer is left out, because each account is on several. */
  async function collect(): Promise<Outcome<Map<string, UserView[]>>> {
    const seen = new Map<string, UserView[]>();
    const healthy = nodes.healthy();
    let answered = 0;
    let last: Outcome<AccountCommandAnswer> | undefined;
    await forEachBounded(healthy, concurrency, async (node) => {
      const outcome = await nodes.call(node, 'account-command', { kind: 'list-users' } satisfies AccountCommand);
      const answer = outcome.ok ? checkAnswer(outcome.value) : outcome;
      last = answer;
      if (!answer.ok) return;
      answered += 1;
      for (const user of answer.value.users ?? []) seen.set(user.name, [...(seen.get(user.name) ?? []), user]);
    });
    if (answered > 0) return success(seen);
    if (last && !last.ok) return last;
    return failed(spokenFailure('NotReady', refusalSentence('nobodyLists', {})));
  }

  async function listUsers(): Promise<Outcome<UserView[]>> {
    const seen = await collect();
    if (!seen.ok) return seen;
    const users: UserView[] = [];
    let trouble: Outcome<never> | undefined;
    await forEachBounded([...seen.value], concurrency, async ([name, views]) => {
      const [first] = views;
      const agreed = first !== undefined && views.length >= replicas && views.every((view) => canonicalJson(view) === canonicalJson(first));
      if (agreed) return void users.push(first);
      // One replica may be behind: what it shows was perhaps removed since. Only the register knows.
      const shown = await run({ kind: 'show-user', name });
      if (shown.ok && shown.value.user) users.push(shown.value.user);
      else if (!shown.ok && shown.failure.code !== 'NoSuchAccount') trouble = shown;
    });
    return trouble ?? success(users.sort((left, right) => (left.name < right.name ? -1 : 1)));
  }

  return {
    run,
    createUser: async (name, password) => run({ kind: 'create-user', name, passwordHash: await deps.passwordHasher.hash(password) }),
    setPassword: async (name, password) => run({ kind: 'set-password', name, passwordHash: await deps.passwordHasher.hash(password) }),
    listUsers,
    listBuckets: async () => {
      const users = await listUsers();
      if (!users.ok) return users;
      const names = [...new Set(users.value.flatMap((user) => user.buckets.map((bucket) => bucket.name)))];
      const buckets: BucketView[] = [];
      let trouble: Outcome<never> | undefined;
      await forEachBounded(names, concurrency, async (bucket) => {
        const shown = await run({ kind: 'show-bucket', bucket });
        if (shown.ok && shown.value.bucket) buckets.push(shown.value.bucket);
        else if (!shown.ok && shown.failure.code !== 'NoSuchBucket') trouble = shown;
      });
      return trouble ?? success(buckets.sort((left, right) => (left.name < right.name ? -1 : 1)));
    },
  };
}
