import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import type { AuditView, EventView } from '../../contracts/admin-api.ts';
import { EventFilter, EventsFound } from '../../contracts/insight.ts';
import { success } from '../../base/outcome.ts';
import { findEvents } from '../events/find-events.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer } from './console-app.ts';
import { csvRow } from './csv.ts';

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
    sendFile(reply, `mcos-events.${format}`, format, eventColumns, (before) => {
      const { events, next } = findEvents(context.events, filter, { limit: rowsPerPage, ...(before === null ? {} : { before }) });
      return { rows: events, next };
    });
  });

  app.get('/audit/export', { schema: { tags, querystring: AuditExportQuery, response: { 200: File } } }, (request, reply) => {
    const { format = 'csv' } = request.query;
    sendFile(reply, `mcos-audit.${format}`, format, auditColumns, (before) => {
      const rows = context.audit.history(rowsPerPage, before ?? undefined);
      return { rows, next: rows.length < rowsPerPage ? null : (rows.at(-1)?.sequence ?? null) };
    });
  });
}

type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;
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

/** Page by page as the reader takes it: neither 50,000 events in memory nor one long pause. */
function sendFile<Row>(
  reply: FastifyReply,
  name: string,
  format: 'csv' | 'json',
  columns: Columns<Row>,
  page: (before: number | null) => { rows: readonly Row[]; next: number | null },
): void {
  const encoder = new TextEncoder();
  let before: number | null = null;
  let written = 0;
  const textOf = (row: Row): string => {
    written += 1;
    if (format === 'csv') return csvRow(Object.values(columns).map((column) => column(row)));
    return `${written === 1 ? '' : ',\n'}${JSON.stringify(row)}`;
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(encoder.encode(format === 'csv' ? csvRow(Object.keys(columns)) : '[')),
    pull: (controller) => {
      const { rows, next } = page(before);
      if (rows.length > 0) controller.enqueue(encoder.encode(rows.map(textOf).join('')));
      before = next;
      if (next !== null) return;
      if (format === 'json') controller.enqueue(encoder.encode(']\n'));
      controller.close();
    },
  });
  void reply.header('content-disposition', `attachment; filename="${name}"`);
  void reply.type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8').send(body);
}
