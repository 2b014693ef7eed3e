import { freeWithinCapacity } from '../../contracts/free-space.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import { refusalOf } from '../health/trouble.ts';
import type { Registry } from '../registry/registry.ts';
import type { ClusterFigures } from './time-series.ts';

/** Sums over all nodes that are not removed, from their last answers. */
export function clusterFigures(registry: Registry, health: Pick<HealthMonitor, 'of'>): ClusterFigures {
  const records = registry.records().filter(({ entry }) => entry.state !== 'removed');
  const figures = { nodes: records.length, healthy: 0, capacityBytes: 0, freeBytes: 0, usedBytes: 0, names: 0, blobs: 0 };
  const traffic: ClusterFigures['traffic'][number][] = [];
  for (const { entry } of records) {
    const { status } = health.of(entry.id);
    if (entry.state === 'healthy' && refusalOf(status) === null) figures.healthy += 1;
    // What has not told yet how much is free would look full.
    if (!status) continue;
    const { capacityBytes } = entry.parameters;
    const freeBytes = freeWithinCapacity(capacityBytes, status.freeBytes, status.blobBytes ?? null);
    figures.capacityBytes += capacityBytes;
    figures.freeBytes += freeBytes;
    figures.usedBytes += status.blobBytes ?? capacityBytes - freeBytes;
    figures.names += status.nameCount;
    figures.blobs += status.blobCount;
    if (status.traffic) traffic.push({ nodeId: entry.id, instanceId: status.instanceId, counters: status.traffic });
  }
  return { ...figures, traffic };
}
