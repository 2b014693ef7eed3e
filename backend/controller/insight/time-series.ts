import type { Clock, Timer } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { Logger } from '../../base/logger.ts';
import type { SeriesSpan, SeriesView, TrafficCounters } from '../../contracts/insight.ts';

/** How the cluster stands now: gauges as they are, traffic as each node's counters since its start. */
export interface ClusterFigures {
  readonly nodes: number;
  readonly healthy: number;
  readonly capacityBytes: number;
  readonly freeBytes: number;
  readonly usedBytes: number;
  readonly names: number;
  readonly blobs: number;
  readonly traffic: readonly { readonly nodeId: string; readonly instanceId: string; readonly counters: TrafficCounters }[];
}

/** One step of a span: gauges at its end, traffic summed over `coveredMs`. */
interface Step extends Omit<ClusterFigures, 'traffic' | 'usedBytes'>, TrafficCounters {
  readonly format: 1;
  /** Earlier releases did not count it. */
  readonly usedBytes?: number;
  readonly atMs: number;
  readonly coveredMs: number;
}

export interface TimeSeries {
  start(): void;
  stop(): void;
  view(span: SeriesSpan): SeriesView;
}

const sampleMs = 10_000;
const collection = 'series';
/** Seven days in all: fine steps for what just happened, coarse ones for the week. The hour lives in memory alone. */
const spans: Readonly<Record<SeriesSpan, { stepMs: number; keep: number; kept: 'memory' | 'disk' }>> = {
  hour: { stepMs: sampleMs, keep: 360, kept: 'memory' },
  day: { stepMs: 120_000, keep: 720, kept: 'disk' },
  week: { stepMs: 900_000, keep: 672, kept: 'disk' },
};
const spanNames = ['hour', 'day', 'week'] as const;
const noTraffic: TrafficCounters = { requests: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
const traffics = ['requests', 'errors', 'bytesIn', 'bytesOut'] as const;
type Gauge = 'nodes' | 'healthy' | 'capacityBytes' | 'freeBytes' | 'names' | 'blobs';

/**
 * The cluster's figures over the last hour, day and week, sampled every ten seconds.
 *
 * Invariants: at most 360, 720 and 672 steps are kept, whatever the clock does; a step ends once and is
 * on disk before it is shown (the hour excepted); a node that started anew counts from zero, never below.
 */
export function openTimeSeries(deps: {
  clock: Clock;
  documents: DocumentStore;
  logger: Logger;
  figures: () => ClusterFigures;
}): TimeSeries {
  const { clock, documents, logger } = deps;
  const steps: Record<SeriesSpan, Step[]> = { hour: [], day: load(documents, 'day'), week: load(documents, 'week') };
  const open: Record<SeriesSpan, Step | undefined> = { hour: undefined, day: undefined, week: undefined };
  const countedBefore = new Map<string, { instanceId: string; counters: TrafficCounters }>();
  let sampledAtMs = clock.monotonicMs();
  let timer: Timer | undefined;

  function sample(): void {
    timer = clock.schedule(sampleMs, sample);
    const { traffic, ...now } = deps.figures();
    const elapsedMs = clock.monotonicMs() - sampledAtMs;
    sampledAtMs = clock.monotonicMs();
    const moved = movedSince(traffic);
    for (const span of spanNames) take(span, now, moved, elapsedMs);
  }

  /** What passed since the last sample. A node first seen brings nothing: when it counted that is not known. */
  function movedSince(traffic: ClusterFigures['traffic']): TrafficCounters {
    const moved = { ...noTraffic };
    for (const { nodeId, instanceId, counters } of traffic) {
      const before = countedBefore.get(nodeId);
      const from = before?.instanceId === instanceId ? before.counters : before === undefined ? counters : noTraffic;
      for (const name of traffics) moved[name] += Math.max(0, counters[name] - from[name]);
      countedBefore.set(nodeId, { instanceId, counters });
    }
    const present = new Set(traffic.map(({ nodeId }) => nodeId));
    for (const nodeId of countedBefore.keys()) if (!present.has(nodeId)) countedBefore.delete(nodeId);
    return moved;
  }

  function take(span: SeriesSpan, now: Omit<ClusterFigures, 'traffic'>, moved: TrafficCounters, elapsedMs: number): void {
    const { stepMs } = spans[span];
    const atMs = Math.floor(clock.nowMs() / stepMs) * stepMs;
    const before = open[span];
    if (before !== undefined && before.atMs !== atMs) close(span, before);
    const sums = before?.atMs === atMs ? before : { ...noTraffic, coveredMs: 0 };
    open[span] = {
      format: 1,
      atMs,
      ...now,
      coveredMs: sums.coveredMs + elapsedMs,
      requests: sums.requests + moved.requests,
      errors: sums.errors + moved.errors,
      bytesIn: sums.bytesIn + moved.bytesIn,
      bytesOut: sums.bytesOut + moved.bytesOut,
    };
  }

  function close(span: SeriesSpan, step: Step): void {
    const { keep, kept } = spans[span];
    // A clock that was set back makes steps again: the newer knowledge stands.
    const list = [...steps[span].filter((other) => other.atMs < step.atMs), step];
    const dropped = list.splice(0, Math.max(0, list.length - keep));
    const replaced = steps[span].filter((other) => other.atMs > step.atMs);
    if (kept === 'disk' && !committed(span, step, [...dropped, ...replaced])) return;
    steps[span] = list;
  }

  /** Figures of the past are not worth a Controller that stops: a disk that takes nothing leaves a gap. */
  function committed(span: SeriesSpan, step: Step, gone: readonly Step[]): boolean {
    const key = (atMs: number): string => `${span}/${String(atMs).padStart(16, '0')}`;
    const changes: DocumentChange[] = gone.map((old) => ({ kind: 'delete', collection, key: key(old.atMs) }));
    try {
      documents.commit([...changes, { kind: 'put', collection, key: key(step.atMs), document: step }]);
      return true;
    } catch (error) {
      logger.error({ span, error: String(error) }, 'figures over time could not be kept; this step is missing');
      return false;
    }
  }

  return {
    start: () => {
      sampledAtMs = clock.monotonicMs();
      timer = clock.schedule(sampleMs, sample);
    },
    stop: () => timer?.cancel(),
    view: (span) => {
      const { stepMs, keep } = spans[span];
      const oldestMs = clock.nowMs() - stepMs * keep;
      const shown = steps[span].filter((step) => step.atMs >= oldestMs);
      const perSecond = (name: (typeof traffics)[number]): number[] =>
        shown.map((step) => (step.coveredMs <= 0 ? 0 : Math.round((step[name] / step.coveredMs) * 100_000) / 100));
      const gauge = (name: Gauge): number[] => shown.map((step) => step[name]);
      return {
        span,
        stepMs,
        atMs: shown.map((step) => step.atMs),
        nodes: gauge('nodes'),
        healthy: gauge('healthy'),
        capacityBytes: gauge('capacityBytes'),
        freeBytes: gauge('freeBytes'),
        usedBytes: shown.map(({ usedBytes, capacityBytes, freeBytes }) => usedBytes ?? Math.max(0, capacityBytes - freeBytes)),
        names: gauge('names'),
        blobs: gauge('blobs'),
        requests: perSecond('requests'),
        errors: perSecond('errors'),
        bytesIn: perSecond('bytesIn'),
        bytesOut: perSecond('bytesOut'),
      };
    },
  };
}

function load(documents: DocumentStore, span: SeriesSpan): Step[] {
  return documents
    .list<Step>(collection, { after: `${span}/`, before: `${span}0` })
    .map((row) => row.document)
    .slice(-spans[span].keep);
}
