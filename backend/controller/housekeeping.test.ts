import { describe, expect, it } from 'vitest';
import { silentLogger } from '../base/logger.ts';
import type { NewEvent } from './events/event-log.ts';
import { createHousekeeping } from './housekeeping.ts';
import { createManualClock } from './testing/manual-clock.ts';

const dayMs = 86_400_000;
type Housekept = Parameters<typeof createHousekeeping>[0];

function setUp(audit: Awaited<ReturnType<Housekept['audit']['check']>>) {
  const clock = createManualClock();
  const seen = { pruned: [] as number[], events: [] as NewEvent[], renewed: 0 };
  const certificate = { expiresAtMs: clock.nowMs() + 90 * dayMs, renewal: 'works' as 'works' | 'fails' };
  const events = { append: (event) => void seen.events.push(event), prune: (atMs) => void seen.pruned.push(atMs) } as Housekept['events'];
  const housekeeping = createHousekeeping({
    clock,
    logger: silentLogger,
    events,
    audit: { check: () => Promise.resolve(audit) },
    retentionDays: () => 2,
    certificateExpiresAtMs: () => certificate.expiresAtMs,
    renewCertificate: async () => {
      seen.renewed += 1;
      if (certificate.renewal === 'fails') throw new Error('the disk is full');
      certificate.expiresAtMs = clock.nowMs() + 90 * dayMs;
    },
  });
  return { clock, seen, certificate, housekeeping };
}

const intact = { intact: true, entries: 3, firstBroken: null } as const;

describe('what the Controller does for itself', () => {
  it('forgets events that are older than they are kept, and again later', async () => {
    const { clock, seen, housekeeping } = setUp(intact);
    housekeeping.start();
    expect(seen.pruned).toEqual([clock.nowMs() - 2 * dayMs]);
    await clock.advance(600_000);
    expect(seen.pruned).toHaveLength(2);
    await housekeeping.stop();
  });

  it('renews the certificate at half of its life, and tries again when that failed', async () => {
    const { clock, seen, certificate, housekeeping } = setUp(intact);
    housekeeping.start();
    await clock.advance(7 * 3_600_000);
    expect(seen.renewed).toBe(0);
    certificate.expiresAtMs = clock.nowMs() + 44 * dayMs;
    certificate.renewal = 'fails';
    await clock.advance(6 * 3_600_000);
    certificate.renewal = 'works';
    await clock.advance(6 * 3_600_000);
    await clock.advance(6 * 3_600_000);
    expect(seen.renewed).toBe(2);
    await housekeeping.stop();
  });

  it('tells of an audit log that was changed, and of none that is whole', async () => {
    const broken = setUp({ intact: false, entries: 3, firstBroken: 2 });
    broken.housekeeping.start();
    await broken.housekeeping.stop();
    expect(broken.seen.events.map(({ severity, data }) => [severity, data?.['firstBroken']])).toEqual([['error', 2]]);
    const whole = setUp(intact);
    whole.housekeeping.start();
    await whole.housekeeping.stop();
    expect(whole.seen.events).toEqual([]);
  });
});
