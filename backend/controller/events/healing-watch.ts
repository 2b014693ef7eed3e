import type { Clock } from '../../base/clock.ts';
import type { EventView } from '../../contracts/admin-api.ts';
import { eventText, type EventText } from '../../contracts/event-texts.ts';
import type { HealingStatus, PassedOver } from '../../contracts/healing.ts';
import type { Spoken } from '../../contracts/spoken.ts';
import { unhealedOf } from '../../contracts/unhealed.ts';
import type { EventLog } from './event-log.ts';
import type { ToldMemory } from './told-memory.ts';

/** While copies are being restored, how far it is is told so often. */
const progressEveryMs = 15_000;

/**
 * So many passed over are remembered of a node; it names far fewer in a walk (`mostPassedOver`). Whoever names more and more is not
 * believed before a walk of it has ended.
 */
const mostRemembered = 64;
const longestId = 300;

/** What has been told of a node's healing, as it is kept. */
export interface ToldHealing {
  /** The start of the node's process that counted so. */
  readonly instanceId: string;
  readonly restored: number;
  readonly restoredBytes: number;
  readonly damaged: number;
  readonly swept: number;
  readonly unreadable: number;
  /** What the last walk passed over. */
  readonly passedOver: readonly string[];
  readonly scrubbedAtMs: number | null;
  readonly healer: 'idle' | 'walking';
}

type Told = { -readonly [Member in keyof ToldHealing]: ToldHealing[Member] };

/**
 * Turns what the nodes tell of their healing into events: once when it starts, now and then how far it is, once when it
 * ends, once for every finding, restarts of the Controller included. Another start of the node's process counts from zero.
 */
export function createHealingWatch(
  events: Pick<EventLog, 'append'>,
  clock: Pick<Clock, 'monotonicMs'>,
  memory: ToldMemory<ToldHealing>,
): { look(nodeId: string, name: string, instanceId: string, status: HealingStatus): void } {
  /** Monotonic times of the last word about walks under way. */
  const progressToldAtMs = new Map<string, number>();
  return {
    look: (nodeId, name, instanceId, { healer, scrub, totals }) => {
      const told: Told = { ...(memory.of(nodeId) ?? firstTold(instanceId, scrub.lastCompletedAtMs)) };
      if (told.instanceId !== instanceId) Object.assign(told, { ...counters, instanceId });
      const before = new Set(told.passedOver);
      const tell = (said: EventText, severity: EventView['severity'], data: Record<string, unknown>): void =>
        events.append({ ...said, severity, subject: name, data: { nodeId, ...data } });
      if (healer.state === 'running' && healer.copiesMissing > 0 && told.healer === 'idle') {
        told.healer = 'walking';
        progressToldAtMs.set(nodeId, clock.monotonicMs());
        tell(eventText('healingStarted', { name }), 'info', { missing: healer.copiesMissing });
      }
      const progressAgeMs = clock.monotonicMs() - (progressToldAtMs.get(nodeId) ?? -Infinity);
      if (healer.state === 'running' && told.healer === 'walking' && progressAgeMs >= progressEveryMs) {
        progressToldAtMs.set(nodeId, clock.monotonicMs());
        const { partitionsDone, partitions, copiesRestored: restored, copiesMissing: missing, bytesPerSecond, secondsLeft } = healer;
        const done = { name, restored, missing, partitionsDone, partitions };
        const said =
          secondsLeft === null
            ? eventText('healingProgress', done)
            : eventText('healingProgressLeft', { ...done, seconds: Math.ceil(secondsLeft) });
        tell(said, 'info', { restored, missing, partitionsDone, partitions, bytesPerSecond, secondsLeft });
      }
      if (healer.state === 'idle' && totals.copiesRestored > told.restored) {
        const copies = totals.copiesRestored - told.restored;
        const bytes = totals.bytesRestored - told.restoredBytes;
        tell(eventText('healingFinished', { name, copies, bytes }), 'info', { copies, bytes });
        told.restored = totals.copiesRestored;
        told.restoredBytes = totals.bytesRestored;
      }
      if (healer.state === 'idle') {
        told.healer = 'idle';
        progressToldAtMs.delete(nodeId);
      }
      if (healer.unreadable > told.unreadable)
        tell(eventText('healingUnreadable', { name, blobs: healer.unreadable }), 'error', { blobs: healer.unreadable });
      // A walk that begins counts from 0: what it finds again has been told.
      told.unreadable = unhealedOf(healer).unreadable;
      const passed = healer.passedOver ?? [];
      const room = mostRemembered - (healer.state === 'running' ? before.size : 0);
      for (const one of passed.filter((each) => !before.has(idOf(each))).slice(0, Math.max(0, room))) {
        tell(eventText('healingPassedOver', { name, reason: one.reason }, spokenOf(one)), 'error', { ...one });
      }
      // While a walk is under way, what it has not come to yet stays told.
      told.passedOver = [...new Set([...passed.map(idOf), ...(healer.state === 'running' ? told.passedOver : [])])].slice(
        0,
        mostRemembered,
      );
      if (totals.damaged > told.damaged) {
        const blobs = totals.damaged - told.damaged;
        tell(eventText('blobDamaged', { name, blobs }), 'warning', { blobs });
        told.damaged = totals.damaged;
      }
      if (scrub.lastCompletedAtMs !== told.scrubbedAtMs) {
        told.scrubbedAtMs = scrub.lastCompletedAtMs;
        const found = { checked: scrub.blobsChecked, damaged: scrub.damaged };
        tell(eventText('scrubFinished', { name, ...found }), 'info', found);
      }
      if (totals.swept > told.swept) {
        const blobs = totals.swept - told.swept;
        tell(eventText('sweepRemoved', { name, blobs }), 'info', { blobs });
        told.swept = totals.swept;
      }
      memory.keep(nodeId, told);
    },
  };
}

function spokenOf({ what, name }: PassedOver): Spoken {
  return { sentence: `${what} "${name}"`, sentenceKey: `passedOver.${what}`, sentenceValues: { name } };
}

function idOf({ what, name }: PassedOver): string {
  return `${what} ${name}`.slice(0, longestId);
}

const counters = { restored: 0, restoredBytes: 0, damaged: 0, swept: 0, healer: 'idle' } as const;

function firstTold(instanceId: string, scrubbedAtMs: number | null): Told {
  return { ...counters, instanceId, unreadable: 0, passedOver: [], scrubbedAtMs };
}
