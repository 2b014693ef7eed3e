import Type from 'typebox';
import { KeyRequest, PasswordRequest, QuotaRequest, UserRequest } from '../../contracts/admin-api.ts';
import type { AccountCommandAnswer } from '../../contracts/cluster-messages.ts';
import { UserView } from '../../contracts/cluster-messages.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 64 }) });
const ByKey = Type.Object({ name: Type.String({ maxLength: 64 }), id: Type.String({ maxLength: 64 }) });
const KeyView = Type.Object({ accessKeyId: Type.String(), secretAccessKey: Type.String() });

export function usersRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const { accounts } = context;
  const tags = ['users'];

  app.get('/users', { schema: { tags, response: { 200: Type.Array(UserView) } } }, async (_request, reply) =>
    answer(reply, await accounts.listUsers()),
  );

  app.post('/users', { schema: { tags, body: UserRequest, response: { 201: UserView } } }, async (request, reply) => {
    const outcome = await accounts.createUser(request.body.name, request.body.password);
    audited(context, request, 'user.create', request.body.name, outcome);
    return answer(reply, member(outcome, 'user'), 201);
  });

  app.get('/users/:name', { schema: { tags, params: ByName, response: { 200: UserView } } }, async (request, reply) => {
    return answer(reply, member(await accounts.run({ kind: 'show-user', name: request.params.name }), 'user'));
  });

  app.delete('/users/:name', { schema: { tags, params: ByName, response: { 204: noContent } } }, async (request, reply) => {
    const outcome = await accounts.run({ kind: 'remove-user', name: request.params.name });
    audited(context, request, 'user.remove', request.params.name, outcome);
    return answer(reply, nothing(outcome));
  });

  app.put(
    '/users/:name/password',
    { schema: { tags, params: ByName, body: PasswordRequest, response: { 204: noContent } } },
    async (request, reply) => {
      const outcome = await accounts.setPassword(request.params.name, request.body.password);
      audited(context, request, 'user.password', request.params.name, outcome);
      return answer(reply, nothing(outcome));
    },
  );

  app.put(
    '/users/:name/quota',
    { schema: { tags, params: ByName, body: QuotaRequest, response: { 200: UserView } } },
    async (request, reply) => {
      const { quotaBytes } = request.body;
      const outcome = await accounts.run({ kind: 'set-user-quota', name: request.params.name, quotaBytes });
      audited(context, request, 'user.quota', request.params.name, outcome);
      return answer(reply, member(outcome, 'user'));
    },
  );

  app.post(
    '/users/:name/keys',
    { schema: { tags, params: ByName, body: KeyRequest, response: { 201: KeyView } } },
    async (request, reply) => {
      const outcome = await accounts.run({ kind: 'add-key', name: request.params.name, ...request.body });
      audited(context, request, 'key.add', request.params.name, outcome);
      return answer(reply, member(outcome, 'key'), 201);
    },
  );

  app.delete('/users/:name/keys/:id', { schema: { tags, params: ByKey, response: { 204: noContent } } }, async (request, reply) => {
    const { name, id } = request.params;
    const outcome = await accounts.run({ kind: 'remove-key', name, accessKeyId: id });
    audited(context, request, 'key.remove', `${name} ${id}`, outcome);
    return answer(reply, nothing(outcome));
  });
}

/** One member of a node's answer; the whole answer when an older node leaves it out. */
export function member(outcome: Outcome<AccountCommandAnswer>, name: keyof AccountCommandAnswer): Outcome<unknown> {
  return outcome.ok ? success(outcome.value[name] ?? outcome.value) : outcome;
}

export function nothing(outcome: Outcome<unknown>): Outcome<undefined> {
  return outcome.ok ? success(undefined) : outcome;
}
