import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import Type from 'typebox';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Outcome } from '../../base/outcome.ts';
import { errorBodyOf } from '../../contracts/error-body.ts';
import { statusOf } from '../../contracts/errors.ts';
import type { EventText } from '../../contracts/event-texts.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Administrators } from '../accounts/administrators.ts';
import type { BucketNames } from '../accounts/bucket-names.ts';
import type { NodeCalls } from '../accounts/node-calls.ts';
import type { Sessions } from '../accounts/sessions.ts';
import type { JoinTokens } from '../admission/join-tokens.ts';
import type { AuditLog, NewAudit } from '../events/audit-log.ts';
import type { Drains } from '../drains/drains.ts';
import type { EventLog } from '../events/event-log.ts';
import { mostNamed, toldOf, type Reach } from '../events/told-actions.ts';
import type { Latencies } from '../insight/latencies.ts';
import type { TimeSeries } from '../insight/time-series.ts';
import type { ClusterState } from '../cluster-state.ts';
import type { Registry } from '../registry/registry.ts';
import type { Recovery } from '../rings/recovery.ts';
import type { Rings } from '../rings/rings.ts';
import type { Settings } from '../settings.ts';
import { isStorageFull } from '../storage-full.ts';

export type ConsoleApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** The answer of calls that have nothing to say but that it is done. */
export const noContent = Type.Null({ description: 'Done; there is no body.' });

/** What the routes work on. */
export interface ConsoleContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly rings: Rings;
  readonly drains: Drains;
  readonly recovery: Recovery;
  readonly tokens: JoinTokens;
  readonly accounts: Accounts;
  readonly bucketNames: BucketNames;
  readonly nodeCalls: NodeCalls;
  readonly sessions: Sessions;
  readonly administrators: Administrators;
  readonly events: EventLog;
  readonly audit: AuditLog;
  readonly state: ClusterState;
  readonly series: Pick<TimeSeries, 'view'>;
  readonly latencies: Pick<Latencies, 'view'>;
  readonly settings: Settings;
  readonly metrics: () => Promise<string>;
  readonly secure: boolean;
}

/**
 * Answers a failure in the API's one form, or the value with `status` (204 for none). Typed as void
 * because answers carry either of two shapes; handlers may return it.
 */
export const answer: (reply: FastifyReply, outcome: Outcome<unknown>, status?: number) => void = (reply, outcome, status = 200) => {
  if (outcome.ok) {
    if (outcome.value === undefined) return reply.code(204).send();
    // Fastify would send no body at all for null.
    if (outcome.value === null) return reply.code(status).type('application/json; charset=utf-8').send('null');
    return reply.code(status).send(outcome.value);
  }
  return reply.code(statusOf(outcome.failure.code)).send(errorBodyOf(outcome.failure));
};

/**
 * Notes in the audit log what has been done. It has taken effect, perhaps on the nodes, so a full disk must not make it look
 * refused: the entry is in the process's log then.
 */
export function noteInAudit({ audit, logger }: Pick<ConsoleContext, 'audit' | 'logger'>, entry: NewAudit): void {
  try {
    audit.append(entry);
  } catch (error) {
    if (!isStorageFull(error)) throw error;
    logger.error({ audit: entry, error: String(error) }, 'the disk is full: this is missing from the audit log');
  }
}

/** Notes in the audit log what an administrator did and how it ended; what took effect is also an event. Only what all did is simply done. */
export function audited(
  context: ConsoleContext,
  request: FastifyRequest,
  action: string,
  subject: string,
  outcome: Outcome<unknown>,
  more: { readonly reach?: Reach; readonly told?: (actor: string) => EventText } = {},
): void {
  const actor = request.administrator ?? 'unknown';
  const shownSubject = subject.slice(0, 200);
  const { total, missed } = more.reach ?? { total: 1, missed: [] };
  const done = missed.length === 0 ? 'done' : `${total - missed.length} of ${total}`;
  noteInAudit(context, { actor, address: request.ip, action, subject: shownSubject, outcome: outcome.ok ? done : outcome.failure.code });
  if (!outcome.ok) return;
  const said = more.told?.(actor) ?? toldOf(action, actor, shownSubject, more.reach ?? null);
  if (said === undefined) return;
  if (missed.length === 0) context.events.append({ ...said, severity: 'info', subject: shownSubject });
  else context.events.append({ ...said, severity: 'warning', subject: shownSubject, data: { missed: missed.slice(0, mostNamed) } });
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Name of the administrator whose session this request carries. */
    administrator: string | undefined;
  }
}
