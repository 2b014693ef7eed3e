import { describe, expect, it } from 'vitest';
import type { DocumentStore } from '../../base/document-store.ts';
import { silentLogger, type LogFields, type Logger } from '../../base/logger.ts';
import { FailureError } from '../../base/outcome.ts';
import type { EventView } from '../../contracts/admin-api.ts';
import type { AuditView } from '../../contracts/audit-views.ts';
import { failure } from '../../contracts/errors.ts';
import { eventText } from '../../contracts/event-texts.ts';
import { createSystemClock } from '../../adapters/system/system-clock.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { openAuditLog } from './audit-log.ts';
import { openEventLog, type NewEvent } from './event-log.ts';

function auditOf(entries: number) {
  const documents = createMemoryDocumentStore();
  const open = () => openAuditLog({ clock: createSystemClock(), documents });
  const log = open();
  for (let number = 1; number <= entries; number++)
    log.append({ actor: 'admin', address: '127.0.0.1', action: 'token.create', subject: `t${number}`, outcome: 'done' });
  const rows = () => documents.list<AuditView>('audit');
  return { documents, log, open, rows };
}

describe('the audit log', () => {
  it('holds over restarts and several pages', async () => {
    const { log, open } = auditOf(1_203);
    expect(await log.check()).toEqual({ intact: true, entries: 1_203, firstBroken: null });
    open().append({ actor: 'admin', address: '::1', action: 'logout', subject: 'session', outcome: 'done' });
    expect(await open().check()).toEqual({ intact: true, entries: 1_204, firstBroken: null });
  });

  it('tells a changed, a missing and a swapped entry, and where', async () => {
    for (const spoil of ['change', 'remove', 'swap'] as const) {
      const { documents, open, rows } = auditOf(10);
      const [fourth, fifth] = rows().slice(3, 5);
      if (!fourth || !fifth) throw new Error('too few entries');
      if (spoil === 'change')
        documents.commit([{ kind: 'put', collection: 'audit', key: fourth.key, document: { ...fourth.document, actor: 'nobody' } }]);
      if (spoil === 'remove') documents.commit([{ kind: 'delete', collection: 'audit', key: fourth.key }]);
      if (spoil === 'swap')
        documents.commit([
          { kind: 'put', collection: 'audit', key: fourth.key, document: fifth.document },
          { kind: 'put', collection: 'audit', key: fifth.key, document: fourth.document },
        ]);
      expect(await open().check(), spoil).toMatchObject({ intact: false, firstBroken: 4 });
    }
  });

  it('tells that the end was cut off, and gives no number twice', async () => {
    const { documents, open, rows } = auditOf(10);
    for (const { key } of rows().slice(8)) documents.commit([{ kind: 'delete', collection: 'audit', key }]);
    const log = open();
    expect(await log.check()).toEqual({ intact: false, entries: 8, firstBroken: 9 });
    log.append({ actor: 'admin', address: '::1', action: 'logout', subject: 'session', outcome: 'done' });
    expect(rows().at(-1)?.document.sequence).toBe(11);
    expect((await log.check()).intact).toBe(false);
  });
});

describe('the event log', () => {
  it('keeps a bounded number, never gives a sequence twice, and tells listeners only what is on disk', async () => {
    const clock = createManualClock();
    const documents = createMemoryDocumentStore();
    const event: NewEvent = { ...eventText('nodeRestarted', { name: 'x' }), severity: 'info', subject: null };
    const log = openEventLog({ clock, documents, logger: silentLogger, keep: 100 });
    const heard: number[] = [];
    log.onEvent(({ sequence }) => {
      heard.push(sequence);
      expect(documents.list<EventView>('events').at(-1)?.document.sequence).toBeGreaterThanOrEqual(sequence);
    });
    for (let count = 0; count < 2_500; count++) log.append(event);
    await clock.advance(100);
    expect(heard).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
    expect(documents.count('events')).toBe(100);
    log.stop();
    const again = openEventLog({ clock, documents, logger: silentLogger, keep: 100 });
    again.append(event);
    again.stop();
    expect(again.lastSequence).toBe(2_501);
    expect(documents.count('events')).toBe(100);
  });

  it('is in the log of the process as well, with its severity', async () => {
    const clock = createManualClock();
    const lines: unknown[] = [];
    const line = (level: string) => (fields: LogFields, message: string) => void lines.push([level, fields, message]);
    const logger: Logger = { ...silentLogger, info: line('info'), warn: line('warn'), error: line('error') };
    const log = openEventLog({ clock, documents: createMemoryDocumentStore(), logger });
    log.append({ ...eventText('nodeRestarted', { name: 'han-1' }), severity: 'info', subject: 'han-1' });
    log.append({ ...eventText('nodeFenced', { name: 'han-2' }), severity: 'warning', subject: null, data: { more: 1 } });
    expect(lines).toEqual([]);
    log.stop();
    expect(lines).toEqual([
      ['info', { event: 'node.restarted', subject: 'han-1' }, 'han-1 was started again.'],
      ['warn', { event: 'node.fenced' }, 'han-2 is fenced: its certificate is refused everywhere from now on.'],
    ]);
  });

  it('keeps what a message is made of, bounded; an event of an older release is as it was', () => {
    const documents = createMemoryDocumentStore();
    const old = { sequence: 1, atMs: 1, kind: 'node.joined', severity: 'info', subject: null, message: 'han-0 joined.', data: {} };
    documents.commit([{ kind: 'put', collection: 'events', key: '00000000000001', document: old }]);
    const log = openEventLog({ clock: createManualClock(), documents, logger: silentLogger });
    log.append({ ...eventText('tokenRefused', { name: 'han-1', reason: 'x'.repeat(5_000) }), severity: 'warning', subject: 'han-1' });
    log.stop();
    const [refused, joined] = log.history({ limit: 10 });
    expect(joined).toEqual(old);
    expect(refused).toMatchObject({
      sentenceKey: 'events.tokenRefused',
      sentenceValues: { name: 'han-1', reason: `${'x'.repeat(1_999)}…` },
    });
    expect(refused?.message).toHaveLength(2_000);
  });

  it('waits for a disk that is full, and then tells everything in order and once', async () => {
    const clock = createManualClock();
    const memory = createMemoryDocumentStore();
    let disk: 'works' | 'full' = 'full';
    const documents: DocumentStore = {
      ...memory,
      commit: (changes) => {
        if (disk === 'full') throw new FailureError(failure('StorageFull', 'full'));
        memory.commit(changes);
      },
    };
    const log = openEventLog({ clock, documents, logger: silentLogger });
    const heard: string[] = [];
    log.onEvent(({ sequence, message }) => void heard.push(`${sequence} ${message}`));
    const expected = Array.from({ length: 10_000 }, (_, index) => `${index + 1} event-${index + 3} was started again.`);
    // More than may wait: the oldest go.
    for (let count = 1; count <= 10_002; count++) {
      log.append({ ...eventText('nodeRestarted', { name: `event-${count}` }), severity: 'info', subject: null });
      if (count === 2) await clock.advance(100);
    }
    await clock.advance(60_000);
    expect(heard).toEqual([]);
    disk = 'works';
    await clock.advance(5_000);
    expect(heard).toEqual(expected);
    disk = 'full';
    log.append({ ...eventText('nodeRestarted', { name: 'late' }), severity: 'info', subject: null });
    expect(() => log.stop()).not.toThrow();
  });
});
