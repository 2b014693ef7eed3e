import Type from 'typebox';
import { NodeView } from '../../contracts/admin-api.ts';
import { ObjectsHeldAnswer, ObjectsHeldRequest, ReplicasCompared } from '../../contracts/cluster-messages.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { validator } from '../validate.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 63 }) });
const HeldQuery = Type.Partial(Type.Object({ ...ObjectsHeldRequest.properties, limit: Type.Integer({ minimum: 1, maximum: 1000 }) }));
const checkHeld = validator(ObjectsHeldAnswer, 'list of what a node holds');
const checkCompared = validator(ReplicasCompared, 'comparison of replicas');

/** The node called `name` (its id is understood as well). Failure: NotFound. */
export function findNode(context: ConsoleContext, name: string): Outcome<NodeRecord> {
  const record = context.registry.byName(name) ?? context.registry.get(name);
  return record ? success(record) : failed(spokenFailure('NotFound', refusalSentence('noCloudService', { named: JSON.stringify(name) })));
}

export function nodesRoutes(app: ConsoleApp, context: ConsoleContext): void {
  app.get('/nodes', { schema: { tags: ['nodes'], response: { 200: Type.Array(NodeView) } } }, (_request, reply) =>
    answer(reply, success(context.state.nodes())),
  );

  app.get('/nodes/:name', { schema: { tags: ['nodes'], params: ByName, response: { 200: NodeView } } }, (request, reply) => {
    const found = findNode(context, request.params.name);
    return answer(reply, found.ok ? success(context.state.node(found.value)) : found);
  });

  const heldSchema = { tags: ['nodes'], params: ByName, querystring: HeldQuery, response: { 200: ObjectsHeldAnswer } };
  app.get('/nodes/:name/objects', { schema: heldSchema }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    if (!found.ok) return answer(reply, found);
    const { kind = 'names', after, prefix, limit = 1000 } = request.query;
    const byId = kind === 'blobs' || prefix === undefined ? undefined : await context.bucketNames.byId(prefix);
    const body: ObjectsHeldRequest = {
      kind,
      limit,
      ...(after === undefined ? {} : { after }),
      ...(prefix === undefined ? {} : { prefix: byId ?? prefix }),
    };
    const outcome = await context.nodeCalls.call(found.value, 'objects-held', body);
    const held = outcome.ok ? checkHeld(outcome.value) : outcome;
    if (!held.ok) return answer(reply, held);
    return answer(reply, success({ ...held.value, names: await context.bucketNames.complete(held.value.names) }));
  });

  const comparedSchema = { tags: ['nodes'], params: ByName, response: { 200: ReplicasCompared } };
  app.get('/nodes/:name/replicas', { schema: comparedSchema }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    if (!found.ok) return answer(reply, found);
    const outcome = await context.nodeCalls.call(found.value, 'replicas-compare', {});
    return answer(reply, outcome.ok ? checkCompared(outcome.value) : outcome);
  });

  app.post('/nodes/:name/fence', { schema: { tags: ['nodes'], params: ByName, response: { 204: noContent } } }, (request, reply) => {
    const found = findNode(context, request.params.name);
    const outcome = found.ok ? fence(context, found.value) : found;
    audited(context, request, 'node.fence', request.params.name, outcome);
    return answer(reply, outcome);
  });
}

function fence(context: ConsoleContext, record: NodeRecord): Outcome<void> {
  const { id, parameters } = record.entry;
  context.registry.revoke([id], 'fenced by an administrator');
  const { name } = parameters;
  context.events.append({ ...eventText('nodeFenced', { name }), severity: 'warning', subject: name, data: { nodeId: id } });
  return success(undefined);
}
