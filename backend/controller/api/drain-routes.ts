import Type from 'typebox';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import { DrainView, RemovalCheck } from '../../contracts/drain.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';
import { findNode } from './nodes-routes.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 63 }) });
type Verb = (node: NodeRecord, by: string) => Outcome<DrainView>;

/** Draining a Cloud Service, and removing it. */
export function drainRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const { drains } = context;
  const tags = ['nodes'];
  const shown = { tags, params: ByName, response: { 200: DrainView } };

  const run = (name: string, by: string | undefined, verb: Verb): Outcome<DrainView> => {
    const found = findNode(context, name);
    return found.ok ? verb(found.value, by ?? 'administrator') : found;
  };

  const lastSchema = { tags, params: ByName, response: { 200: Type.Union([DrainView, Type.Null()]) } };
  app.get('/nodes/:name/drain', { schema: lastSchema }, (request, reply) => {
    const found = findNode(context, request.params.name);
    return answer(reply, found.ok ? success(drains.of(found.value.entry.id) ?? null) : found);
  });

  app.post('/nodes/:name/drain', { schema: { tags, params: ByName, response: { 202: DrainView } } }, (request, reply) => {
    const outcome = run(request.params.name, request.administrator, (node, by) => drains.begin(node, by));
    audited(context, request, 'node.drain', request.params.name, outcome);
    return answer(reply, outcome, 202);
  });

  for (const verb of ['pause', 'resume'] as const) {
    app.post(`/nodes/:name/drain/${verb}`, { schema: shown }, (request, reply) => {
      const outcome = run(request.params.name, request.administrator, (node, by) => drains[verb](node, by));
      audited(context, request, `node.drain-${verb}`, request.params.name, outcome);
      return answer(reply, outcome);
    });
  }

  app.delete('/nodes/:name/drain', { schema: shown }, (request, reply) => {
    const outcome = run(request.params.name, request.administrator, (node, by) => drains.cancel(node, by));
    audited(context, request, 'node.drain-cancel', request.params.name, outcome);
    return answer(reply, outcome);
  });

  app.get('/nodes/:name/removal', { schema: { tags, params: ByName, response: { 200: RemovalCheck } } }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    return answer(reply, found.ok ? await drains.checkRemoval(found.value) : found);
  });

  app.delete('/nodes/:name', { schema: { tags, params: ByName, response: { 204: noContent } } }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    const outcome = found.ok ? await drains.remove(found.value, request.administrator ?? 'administrator') : found;
    audited(context, request, 'node.remove', request.params.name, outcome);
    return answer(reply, outcome);
  });
}
