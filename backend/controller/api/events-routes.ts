import Type from 'typebox';
import { EventView } from '../../contracts/admin-api.ts';
import { AuditCheckView, AuditView } from '../../contracts/audit-views.ts';
import { success } from '../../base/outcome.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer } from './console-app.ts';
import type { LiveStreams } from './live-streams.ts';
import { tokenOf } from './security.ts';

const HistoryQuery = Type.Partial(Type.Object({ after: Type.Integer({ minimum: 0 }), limit: Type.Integer({ minimum: 1, maximum: 1000 }) }));
const AuditQuery = Type.Partial(Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 1000 }) }));
const EventStream = Type.String({
  description:
    'text/event-stream: each event with its sequence as id and EventView as data; `state` hints and a `beat` every 15 s have no id.',
});
const StreamQuery = Type.Partial(Type.Object({ after: Type.Integer({ minimum: 0 }) }));

export function eventsRoutes(app: ConsoleApp, context: ConsoleContext, streams: LiveStreams): void {
  app.get('/events', { schema: { tags: ['events'], querystring: StreamQuery, response: { 200: EventStream } } }, (request, reply) => {
    const { lastSequence } = context.events;
    const header = /^\d{1,15}$/.exec(String(request.headers['last-event-id'] ?? ''))?.[0];
    // A number from the future (the registry was restored from a backup) must not silence what comes now.
    const resumeAfter = Math.min(header === undefined ? (request.query.after ?? lastSequence) : Number(header), lastSequence);
    const token = tokenOf(request) ?? '';
    const opened = streams.open(reply, { after: resumeAfter, alive: () => context.sessions.peek(token) !== undefined });
    if (!opened.ok) answer(reply, opened);
  });

  // `after` continues towards older events, because the newest come first.
  app.get(
    '/events/history',
    { schema: { tags: ['events'], querystring: HistoryQuery, response: { 200: Type.Array(EventView) } } },
    (request, reply) => {
      const { after, limit = 100 } = request.query;
      return answer(reply, success(context.events.history({ limit, ...(after === undefined ? {} : { before: after }) })));
    },
  );

  app.get('/audit', { schema: { tags: ['events'], querystring: AuditQuery, response: { 200: Type.Array(AuditView) } } }, (request, reply) =>
    answer(reply, success(context.audit.history(request.query.limit ?? 100))),
  );

  app.get('/audit/check', { schema: { tags: ['events'], response: { 200: AuditCheckView } } }, async (_request, reply) =>
    answer(reply, success(await context.audit.check())),
  );
}
