import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { eventText } from '../contracts/event-texts.ts';
import type { AuditLog } from './events/audit-log.ts';
import type { EventLog } from './events/event-log.ts';

const renewalCheckMs = 6 * 3_600_000;
const halfLifeMs = 45 * 86_400_000;
const pruneEveryMs = 600_000;
const dayMs = 86_400_000;

export interface Housekeeping {
  start(): void;
  /** Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
}

/**
 * What the Controller does for itself from time to time: forgets old events, renews its certificate at half of its life, and
 * checks once at the start that its audit log is whole.
 *
 * Invariant: what fails is logged and tried again at its next turn; nothing here stops the Controller.
 */
export function createHousekeeping(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventLog;
  readonly audit: Pick<AuditLog, 'check'>;
  retentionDays(): number;
  /** 0: not known. */
  certificateExpiresAtMs(): number;
  /** Makes a new one and uses it everywhere. */
  renewCertificate(): Promise<void>;
}): Housekeeping {
  const { clock, logger, events, audit } = deps;
  let renewal: Timer | undefined;
  let pruning: Timer | undefined;
  let renewing: Promise<void> | undefined;
  let auditCheck: Promise<void> | undefined;

  /** A changed or cut audit log is told to whoever looks at the events; it goes on, because stopping would help the one who changed it. */
  async function checkAudit(): Promise<void> {
    const { intact, entries, firstBroken } = await audit.check();
    if (intact) return;
    const said = eventText('auditBroken', { firstBroken: String(firstBroken ?? 0), entries });
    logger.error({ firstBroken, entries }, said.message);
    events.append({ ...said, severity: 'error', subject: null, data: { firstBroken, entries } });
  }

  function pruneEvents(): void {
    pruning = clock.schedule(pruneEveryMs, pruneEvents);
    try {
      events.prune(clock.nowMs() - deps.retentionDays() * dayMs);
    } catch (error) {
      logger.error({ error: String(error) }, 'old events could not be forgotten; the next try is in 10 min');
    }
  }

  function checkCertificate(): void {
    renewal = clock.schedule(renewalCheckMs, checkCertificate);
    if (deps.certificateExpiresAtMs() - clock.nowMs() > halfLifeMs) return;
    renewing = deps
      .renewCertificate()
      .catch((error: unknown) =>
        logger.error({ error: String(error) }, 'the certificate of the Controller could not be renewed; the next try is in 6 h'),
      );
  }

  return {
    start: () => {
      pruneEvents();
      checkCertificate();
      auditCheck = checkAudit().catch((error: unknown) => logger.error({ error: String(error) }, 'the audit log could not be checked'));
    },
    stop: async () => {
      renewal?.cancel();
      pruning?.cancel();
      await renewing;
      await auditCheck;
    },
  };
}
