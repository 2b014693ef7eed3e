import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { EventView } from '../../contracts/admin-api.ts';
import type { AuditView } from '../../contracts/audit-views.ts';
import { EventFilter, EventsFound } from '../../contracts/insight.ts';
import { success } from '../../base/outcome.ts';
import { findEvents } from '../events/find-events.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer } from './console-app.ts';
import { rowsFile, type Columns, type FileFormat, type PageOf } from './rows-file.ts';

const Format = Type.Union([Type.Literal('csv'), Type.Literal('json')]);
const SearchQuery = Type.Object({
  ...EventFilter.properties,
  before: Type.Optional(Type.Integer({ minimum: 1 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
});
const ExportQuery = Type.Object({ ...EventFilter.properties, format: Type.Optional(Format) });
const AuditExportQuery = Type.Object({ format: Type.Optional(Format) });
const File = Type.String({ description: 'A file: text/csv with a head line, or application/json with one array. Newest first.' });
const rowsPerPage = 500;

/** Events that were searched for, and whole files of events and audit to take along. */
export function exportRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const tags = ['events'];
  app.get('/events/search', { schema: { tags, querystring: SearchQuery, response: { 200: EventsFound } } }, (request, reply) => {
    const { before, limit = 100, ...filter } = request.query;
    return answer(reply, success(findEvents(context.events, filter, { limit, ...(before === undefined ? {} : { before }) })));
  });

  app.get('/events/export', { schema: { tags, querystring: ExportQuery, response: { 200: File } } }, (request, reply) => {
    const { format = 'csv', ...filter } = request.query;
    const page: PageOf<EventView> = (before) => {
      const { events, next } = findEvents(context.events, filter, { limit: rowsPerPage, ...(before === null ? {} : { before }) });
      return { rows: events, next };
    };
    sendFile(reply, 'mcos-events', format, rowsFile(context.clock, format, eventColumns, page));
  });

  app.get('/audit/export', { schema: { tags, querystring: AuditExportQuery, response: { 200: File } } }, (request, reply) => {
    const { format = 'csv' } = request.query;
    const page: PageOf<AuditView> = (before) => {
      const rows = context.audit.history(rowsPerPage, before ?? undefined);
      return { rows, next: rows.length < rowsPerPage ? null : (rows.at(-1)?.sequence ?? null) };
    };
    sendFile(reply, 'mcos-audit', format, rowsFile(context.clock, format, auditColumns, page));
  });
}

const eventColumns: Columns<EventView> = {
  sequence: (event) => event.sequence,
  time: (event) => new Date(event.atMs).toISOString(),
  severity: (event) => event.severity,
  kind: (event) => event.kind,
  subject: (event) => event.subject,
  message: (event) => event.message,
};
const auditColumns: Columns<AuditView> = {
  sequence: (entry) => entry.sequence,
  time: (entry) => new Date(entry.atMs).toISOString(),
  actor: (entry) => entry.actor,
  address: (entry) => entry.address,
  action: (entry) => entry.action,
  subject: (entry) => entry.subject,
  outcome: (entry) => entry.outcome,
  hash: (entry) => entry.hash,
};

function sendFile(reply: FastifyReply, name: string, format: FileFormat, rows: ReadableStream<Uint8Array>): void {
  void reply.header('content-disposition', `attachment; filename="${name}.${format}"`);
  void reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8').send(rows);
}
