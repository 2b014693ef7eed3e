import Type from 'typebox';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import { HealingStatus, HealingView, type HealingCommand } from '../../contracts/healing.ts';
import { notObeyedBy } from '../../contracts/healing-obeyed.ts';
import { forEachBounded } from '../for-each-bounded.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { validator } from '../validate.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited } from './console-app.ts';
import { findNode } from './nodes-routes.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 63 }) });
const callsAtOnce = 16;
const checkStatus = validator(HealingStatus, 'healing status of a node');

/** Healing of the whole cluster, and of one Cloud Service. */
export function healingRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const tags = ['healing'];

  const command = async (node: NodeRecord, body: HealingCommand): Promise<Outcome<HealingStatus>> => {
    const outcome = await context.nodeCalls.call(node, 'healing-command', body);
    return outcome.ok ? checkStatus(outcome.value) : outcome;
  };
  const everybody = async (body: HealingCommand): Promise<HealingView> => {
    const statuses = new Map<string, HealingStatus | null>();
    const records = context.registry.records().filter((record) => record.entry.state !== 'removed');
    await forEachBounded(records, callsAtOnce, async (record) => {
      const status = record.entry.state === 'down' ? undefined : await command(record, body);
      statuses.set(record.entry.id, status?.ok === true ? status.value : null);
    });
    return { nodes: records.map(({ entry }) => ({ name: entry.parameters.name, status: statuses.get(entry.id) ?? null })) };
  };

  app.get('/healing', { schema: { tags, response: { 200: HealingView } } }, async (_request, reply) =>
    answer(reply, success(await everybody({ command: 'status' }))),
  );

  for (const verb of ['pause', 'resume'] as const) {
    app.post(`/healing/${verb}`, { schema: { tags, response: { 200: HealingView } } }, async (request, reply) => {
      const view = await everybody({ command: verb });
      const reach = { total: view.nodes.length, missed: notObeyedBy(view, verb) };
      audited(context, request, `healing.${verb}`, 'all Cloud Services', success(view), { reach });
      return answer(reply, success(view));
    });
  }

  for (const verb of ['pause', 'resume', 'scrub'] as const) {
    const schema = { tags, params: ByName, response: { 200: HealingStatus } };
    app.post(`/nodes/:name/healing/${verb}`, { schema }, async (request, reply) => {
      const found = findNode(context, request.params.name);
      const outcome = found.ok ? await command(found.value, { command: verb }) : found;
      audited(context, request, `healing.${verb}`, request.params.name, outcome);
      return answer(reply, outcome);
    });
  }
}
