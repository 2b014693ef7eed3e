import Type from 'typebox';
import {
  AssignmentQuery,
  AssignmentView,
  RingChangeView,
  RingCreateRequest,
  RingHistoryEntry,
  RingPlan,
  RingPlanRequest,
  RingsView,
} from '../../contracts/admin-api.ts';
import { ResolveAnswer, ResolveRequest, RingsShowAnswer } from '../../contracts/cluster-messages.ts';
import { RingNameSchema } from '../../contracts/ids.ts';
import { success } from '../../base/outcome.ts';
import { validator } from '../validate.ts';
import { assignmentView } from './assignment-view.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';
import { findNode } from './nodes-routes.ts';

const checkShown = validator(RingsShowAnswer, 'rings of a node');
const checkResolved = validator(ResolveAnswer, 'way of a name');

export function ringsRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const { rings } = context;
  app.get('/rings', { schema: { tags: ['rings'], response: { 200: RingsView } } }, (_request, reply) =>
    answer(reply, success(context.state.rings())),
  );

  const byRing = {
    tags: ['rings'],
    params: Type.Object({ ring: RingNameSchema }),
    querystring: AssignmentQuery,
    response: { 200: AssignmentView },
  };
  app.get('/rings/:ring/assignment', { schema: byRing }, (request, reply) =>
    answer(reply, assignmentView(rings, request.params.ring, request.query.mostPartitions)),
  );

  const byNode = { tags: ['rings'], params: Type.Object({ name: Type.String({ maxLength: 63 }) }), response: { 200: RingsShowAnswer } };
  app.get('/rings/nodes/:name', { schema: byNode }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    if (!found.ok) return answer(reply, found);
    const outcome = await context.nodeCalls.call(found.value, 'rings-show', {});
    return answer(reply, outcome.ok ? checkShown(outcome.value) : outcome);
  });

  const planSchema = { tags: ['rings'], body: Type.Union([RingPlanRequest, Type.Null()]), response: { 200: RingPlan } };
  app.post('/rings/plan', { schema: planSchema }, async (request, reply) => answer(reply, await rings.plan(request.body?.weights)));

  app.post('/rings', { schema: { tags: ['rings'], body: RingCreateRequest, response: { 202: RingChangeView } } }, (request, reply) => {
    const outcome = rings.create(request.administrator ?? 'administrator', request.body);
    audited(context, request, 'rings.create', outcome.ok ? `epoch ${outcome.value.epoch}` : 'next epoch', outcome);
    return answer(reply, outcome, 202);
  });

  app.get('/rings/history', { schema: { tags: ['rings'], response: { 200: Type.Array(RingHistoryEntry) } } }, (_request, reply) =>
    answer(reply, success(rings.history())),
  );

  const changeSchema = { tags: ['rings'], response: { 200: Type.Union([RingChangeView, Type.Null()]) } };
  app.get('/rings/change', { schema: changeSchema }, (_request, reply) => answer(reply, success(rings.change)));

  app.delete('/rings/change', { schema: { tags: ['rings'], response: { 204: noContent } } }, (request, reply) => {
    const outcome = rings.withdraw();
    audited(context, request, 'rings.withdraw', `epoch ${rings.change?.epoch ?? 1}`, outcome);
    return answer(reply, outcome);
  });

  app.get(
    '/resolve',
    { schema: { tags: ['rings'], querystring: ResolveRequest, response: { 200: ResolveAnswer } } },
    async (request, reply) => {
      const { bucket, key } = request.query;
      const outcome = await context.nodeCalls.callAny('resolve', key === undefined ? { bucket } : { bucket, key });
      return answer(reply, outcome.ok ? checkResolved(outcome.value) : outcome);
    },
  );
}
