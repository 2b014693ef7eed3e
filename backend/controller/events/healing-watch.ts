import type { Clock } from '../../base/clock.ts';
import type { HealingStatus, PassedOver } from '../../contracts/healing.ts';
import { unhealedOf } from '../../contracts/unhealed.ts';
import type { EventLog } from './event-log.ts';

/** While copies are being restored, how far it is is told so often. */
const progressEveryMs = 15_000;

interface Told {
  restored: number;
  restoredBytes: number;
  damaged: number;
  swept: number;
  unreadable: number;
  /** What the last walk passed over. */
  passedOver: ReadonlySet<string>;
  scrubbedAtMs: number | null;
  walking: boolean;
  /** Monotonic time of the last word about the walk under way. */
  toldAtMs: number;
}

/**
 * Turns what the nodes tell of their healing into events: once when it starts, now and then how far it is, once when it
 * ends, once for every finding. Counters that fell belong to a new start of the process.
 */
export function createHealingWatch(
  events: Pick<EventLog, 'append'>,
  clock: Pick<Clock, 'monotonicMs'>,
): { look(nodeId: string, name: string, status: HealingStatus): void } {
  const known = new Map<string, Told>();
  return {
    look: (nodeId, name, { healer, scrub, totals }) => {
      const told = known.get(nodeId) ?? firstTold(scrub.lastCompletedAtMs);
      known.set(nodeId, told);
      const tell = (kind: string, severity: 'info' | 'warning' | 'error', message: string, data: Record<string, unknown>): void =>
        events.append({ kind, severity, subject: name, message, data: { nodeId, ...data } });
      if (totals.copiesRestored < told.restored || totals.damaged < told.damaged || totals.swept < told.swept)
        Object.assign(told, firstTold(told.scrubbedAtMs));

      if (healer.state === 'running' && healer.copiesMissing > 0 && !told.walking) {
        told.walking = true;
        told.toldAtMs = clock.monotonicMs();
        tell('healing.started', 'info', `${name} has begun to restore copies that are missing.`, { missing: healer.copiesMissing });
      }
      if (healer.state === 'running' && told.walking && clock.monotonicMs() - told.toldAtMs >= progressEveryMs) {
        told.toldAtMs = clock.monotonicMs();
        const { partitionsDone, partitions, copiesRestored: restored, copiesMissing: missing, bytesPerSecond, secondsLeft } = healer;
        const left = secondsLeft === null ? '' : `, about ${Math.ceil(secondsLeft)} s left`;
        tell(
          'healing.progress',
          'info',
          `${name} has restored ${restored} of ${missing} missing copies found in ${partitionsDone} of ${partitions} partitions${left}.`,
          { restored, missing, partitionsDone, partitions, bytesPerSecond, secondsLeft },
        );
      }
      if (healer.state === 'idle' && totals.copiesRestored > told.restored) {
        const copies = totals.copiesRestored - told.restored;
        const bytes = totals.bytesRestored - told.restoredBytes;
        tell('healing.finished', 'info', `${name} has restored ${copies} copies (${bytes} bytes).`, { copies, bytes });
        told.restored = totals.copiesRestored;
        told.restoredBytes = totals.bytesRestored;
      }
      if (healer.state === 'idle') told.walking = false;
      if (healer.unreadable > told.unreadable)
        tell('healing.unreadable', 'error', `${healer.unreadable} blobs have no readable copy now, says ${name}.`, {
          blobs: healer.unreadable,
        });
      // A walk that begins counts from 0: what it finds again has been told.
      told.unreadable = unhealedOf(healer).unreadable;
      const passed = healer.passedOver ?? [];
      for (const one of passed.filter((each) => !told.passedOver.has(idOf(each)))) {
        const message = `${name} cannot look after the ${one.what} "${one.name}" and passes over it: ${one.reason}`;
        tell('healing.passed-over', 'error', message, { ...one });
      }
      // While a walk is under way, what it has not come to yet stays told.
      told.passedOver = new Set([...passed.map(idOf), ...(healer.state === 'running' ? told.passedOver : [])]);
      if (totals.damaged > told.damaged) {
        const blobs = totals.damaged - told.damaged;
        tell('blob.damaged', 'warning', `${name} has put ${blobs} damaged blobs into quarantine.`, { blobs });
        told.damaged = totals.damaged;
      }
      if (scrub.lastCompletedAtMs !== told.scrubbedAtMs) {
        told.scrubbedAtMs = scrub.lastCompletedAtMs;
        tell('scrub.finished', 'info', `${name} has read all its blobs again: ${scrub.damaged} of ${scrub.blobsChecked} were damaged.`, {
          checked: scrub.blobsChecked,
          damaged: scrub.damaged,
        });
      }
      if (totals.swept > told.swept) {
        const blobs = totals.swept - told.swept;
        tell('sweep.removed', 'info', `${name} has removed ${blobs} blobs that nothing referred to.`, { blobs });
        told.swept = totals.swept;
      }
    },
  };
}

function idOf({ what, name }: PassedOver): string {
  return `${what} ${name}`;
}

function firstTold(scrubbedAtMs: number | null): Told {
  return {
    restored: 0,
    restoredBytes: 0,
    damaged: 0,
    swept: 0,
    unreadable: 0,
    passedOver: new Set(),
    scrubbedAtMs,
    walking: false,
    toldAtMs: 0,
  };
}
