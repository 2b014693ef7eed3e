import Type from 'typebox';
import { success, type Outcome } from '../../base/outcome.ts';
import { eventText, type EventText } from '../../contracts/event-texts.ts';
import { ControllerSettings, LatenciesView, NodeLogView, SeriesSpan, SeriesView, WeightRequest } from '../../contracts/insight.ts';
import { validator } from '../validate.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';
import { findNode } from './nodes-routes.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 63 }) });
const LogQuery = Type.Partial(Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000 }) }));
const SeriesQuery = Type.Partial(Type.Object({ span: SeriesSpan }));
const checkLog = validator(NodeLogView, 'log of a node');

/** Figures over time, latencies, a node's log and weight, and the settings of the Controller. */
export function insightRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const seriesSchema = { tags: ['insight'], querystring: SeriesQuery, response: { 200: SeriesView } };
  app.get('/series', { schema: seriesSchema }, (request, reply) =>
    answer(reply, success(context.series.view(request.query.span ?? 'hour'))),
  );

  app.get('/latencies', { schema: { tags: ['insight'], response: { 200: LatenciesView } } }, (_request, reply) =>
    answer(reply, success(context.latencies.view())),
  );

  const logSchema = { tags: ['nodes'], params: ByName, querystring: LogQuery, response: { 200: NodeLogView } };
  app.get('/nodes/:name/log', { schema: logSchema }, async (request, reply) => {
    const found = findNode(context, request.params.name);
    if (!found.ok) return answer(reply, found);
    const outcome = await context.nodeCalls.call(found.value, 'log-tail', { limit: request.query.limit ?? 200 });
    return answer(reply, outcome.ok ? checkLog(outcome.value) : outcome);
  });

  const weightSchema = { tags: ['nodes'], params: ByName, body: WeightRequest, response: { 204: noContent } };
  app.put('/nodes/:name/weight', { schema: weightSchema }, (request, reply) => {
    const outcome = setWeight(context, request.params.name, request.body.weight);
    const { name } = request.params;
    const { weight } = request.body;
    audited(context, request, 'node.weight', `${name} ${weight ?? 'computed'}`, outcome, {
      told: (actor) =>
        weight === null ? eventText('weightComputed', { actor, name }) : eventText('weightSet', { actor, name, weight: String(weight) }),
    });
    return answer(reply, outcome);
  });

  app.get('/settings', { schema: { tags: ['settings'], response: { 200: ControllerSettings } } }, (_request, reply) =>
    answer(reply, success(context.settings.current)),
  );

  const settingsSchema = { tags: ['settings'], body: ControllerSettings, response: { 200: ControllerSettings } };
  app.put('/settings', { schema: settingsSchema }, (request, reply) => {
    context.settings.change(request.body);
    const { expectedNodes, automaticRings, eventRetentionDays } = request.body;
    const rings = automaticRings ? `rings by themselves at ${expectedNodes ?? 'no given number of'} nodes` : 'rings by hand';
    audited(context, request, 'settings.change', `${rings}, events kept for ${eventRetentionDays} days`, success(undefined), {
      told: (actor) => settingsText(actor, request.body),
    });
    return answer(reply, success(context.settings.current));
  });
}

function setWeight(context: ConsoleContext, name: string, weight: number | null): Outcome<void> {
  const found = findNode(context, name);
  if (!found.ok) return found;
  context.registry.update(found.value.entry.id, { weightOverride: weight });
  return success(undefined);
}

function settingsText(actor: string, { expectedNodes, automaticRings, eventRetentionDays: days }: ControllerSettings): EventText {
  if (!automaticRings) return eventText('settingsRingsByHand', { actor, days });
  return expectedNodes === null
    ? eventText('settingsRingsWithoutNumber', { actor, days })
    : eventText('settingsRingsByThemselves', { actor, nodes: expectedNodes, days });
}
