import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import type { TrafficCounters } from '../../contracts/insight.ts';
import { createManualClock } from '../testing/manual-clock.ts';
import { createMemoryDocumentStore } from '../testing/memory-document-store.ts';
import { openTimeSeries, type ClusterFigures } from './time-series.ts';

const gib = 2 ** 30;
const day = 86_400_000;
const sampleMs = 10_000;

function world(documents = createMemoryDocumentStore()) {
  const manual = createManualClock();
  let backMs = 0;
  const clock = { ...manual, nowMs: () => manual.nowMs() - backMs };
  const counters: TrafficCounters & { instanceId: string } = { instanceId: 'first', requests: 0, errors: 0, bytesIn: 0, bytesOut: 0 };
  const figures = (): ClusterFigures => ({
    nodes: 5,
    healthy: 4,
    capacityBytes: 100 * gib,
    freeBytes: 70 * gib,
    usedBytes: 25 * gib,
    names: 12,
    blobs: 3,
    traffic: [{ nodeId: 'a', instanceId: counters.instanceId, counters: { ...counters } }],
  });
  const series = openTimeSeries({ clock, documents, logger: silentLogger, figures });
  return { clock, counters, series, documents, setBack: (ms: number) => void (backMs = ms) };
}

describe('figures over time', () => {
  it('tells traffic per second and gauges as they were', async () => {
    const { clock, counters, series } = world();
    series.start();
    await clock.advance(sampleMs);
    counters.requests = 500;
    counters.bytesOut = 20_000;
    await clock.advance(sampleMs);
    await clock.advance(sampleMs);
    const { requests, bytesOut, freeBytes, usedBytes, healthy } = series.view('hour');
    expect(requests).toEqual([0, 50]);
    expect(bytesOut).toEqual([0, 2000]);
    expect(freeBytes).toEqual([70 * gib, 70 * gib]);
    expect(usedBytes).toEqual([25 * gib, 25 * gib]);
    expect(healthy).toEqual([4, 4]);
  });

  it('a node that started anew counts from zero, and one first seen brings nothing along', async () => {
    const { clock, counters, series } = world();
    counters.requests = 1_000_000;
    series.start();
    await clock.advance(sampleMs);
    counters.instanceId = 'second';
    counters.requests = 30;
    await clock.advance(sampleMs);
    await clock.advance(sampleMs);
    expect(series.view('hour').requests).toEqual([0, 3]);
  });

  it('keeps a bounded week over a restart', async () => {
    const { clock, series, documents } = world();
    series.start();
    await clock.advance(8 * day);
    expect(series.view('hour').atMs).toHaveLength(360);
    expect(series.view('day').atMs).toHaveLength(720);
    expect(series.view('week').atMs).toHaveLength(672);
    expect(documents.count('series')).toBe(720 + 672);
    series.stop();
    const again = world(documents);
    await again.clock.advance(8 * day);
    expect(again.series.view('week').atMs.length).toBeGreaterThan(660);
    expect(again.series.view('hour').atMs).toEqual([]);
  });

  it('a clock that was set back makes no time twice', async () => {
    const { clock, series, setBack } = world();
    series.start();
    await clock.advance(60_000);
    setBack(30_000);
    await clock.advance(40_000);
    const { atMs } = series.view('hour');
    expect(atMs).toEqual([...new Set(atMs)].sort((left, right) => left - right));
  });

  it('a disk that takes nothing leaves a gap and nothing worse', async () => {
    const documents = createMemoryDocumentStore();
    const { clock, series } = world(documents);
    const commit = documents.commit;
    series.start();
    documents.commit = () => {
      throw new Error('disk full');
    };
    await clock.advance(600_000);
    expect(series.view('day').atMs).toEqual([]);
    expect(series.view('hour').atMs.length).toBeGreaterThan(50);
    documents.commit = commit;
    await clock.advance(600_000);
    expect(series.view('day').atMs.length).toBeGreaterThan(3);
  });
});
