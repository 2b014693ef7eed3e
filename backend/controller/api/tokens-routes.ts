import Type from 'typebox';
import { TokenCreated, TokenRequest, TokenView } from '../../contracts/admin-api.ts';
import { isLoopback } from '../../base/loopback.ts';
import { success } from '../../base/outcome.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';

export function tokensRoutes(app: ConsoleApp, context: ConsoleContext): void {
  app.get('/tokens', { schema: { tags: ['tokens'], response: { 200: Type.Array(TokenView) } } }, (_request, reply) =>
    answer(reply, success(context.tokens.list())),
  );

  app.post('/tokens', { schema: { tags: ['tokens'], body: TokenRequest, response: { 201: TokenCreated } } }, (request, reply) => {
    const created = context.tokens.create(request.body);
    const command = joinCommand(context.state.cluster().clusterUrl, created.token);
    audited(context, request, 'token.create', created.id, success(undefined));
    const view: TokenCreated = { ...created, command };
    return answer(reply, success(view), 201);
  });

  app.delete(
    '/tokens/:id',
    { schema: { tags: ['tokens'], params: Type.Object({ id: Type.String({ maxLength: 64 }) }), response: { 204: noContent } } },
    (request, reply) => {
      const outcome = context.tokens.revoke(request.params.id);
      audited(context, request, 'token.revoke', request.params.id, outcome);
      return answer(reply, outcome);
    },
  );
}

/** The line to run on the server. One that is to be reached by others has to say under which name. */
export function joinCommand(clusterUrl: string, token: string): string {
  const host = new URL(clusterUrl).hostname.replace(/^\[|\]$/g, '');
  const reached = isLoopback(host) ? '' : ' --listen 0.0.0.0 --advertise HOST';
  return `mcos node start --controller ${clusterUrl} --join ${token} --name NAME --zone ZONE --capacity 500GiB${reached} --data /var/lib/mcos/node`;
}
