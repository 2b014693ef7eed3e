import { ClusterView } from '../../contracts/admin-api.ts';
import { success } from '../../base/outcome.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer } from './console-app.ts';

export function clusterRoutes(app: ConsoleApp, context: ConsoleContext): void {
  app.get('/cluster', { schema: { tags: ['cluster'], response: { 200: ClusterView } } }, (_request, reply) =>
    answer(reply, success(context.state.cluster())),
  );
}
