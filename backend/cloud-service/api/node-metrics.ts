import { Gauge, Registry as MetricsRegistry } from 'prom-client';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { freeWithinCapacity } from '../../contracts/free-space.ts';

type Figure = readonly [name: string, help: string, value: (status: StatusAnswer, capacityBytes: number) => number];

const figures: readonly Figure[] = [
  ['mcos_node_serving', 'Whether this node serves end users (1) or not (0)', ({ serving }) => (serving === 'serving' ? 1 : 0)],
  ['mcos_node_epoch', 'Number of the epoch whose rings this node serves, 0 before the first', ({ epoch }) => epoch],
  ['mcos_node_membership_version', 'Version of the Cloud Service list known here', ({ membershipVersion }) => membershipVersion],
  ['mcos_node_names', 'Name records held here, deleted ones included until they are purged', ({ nameCount }) => nameCount],
  ['mcos_node_blobs', 'Blobs held here, counted at most every 15 s', ({ blobCount }) => blobCount],
  ['mcos_node_blob_bytes', 'Bytes of the blobs held here, counted at most every 15 s', ({ blobBytes }) => blobBytes ?? 0],
  ['mcos_node_free_bytes', 'Free bytes of the disk where the blobs are', ({ freeBytes }) => freeBytes],
  [
    'mcos_node_capacity_bytes',
    'Bytes that this node is meant to hold (--capacity); only a full disk stops it',
    (_status, capacityBytes) => capacityBytes,
  ],
  [
    'mcos_node_capacity_left_bytes',
    'Bytes of the capacity that are left: without those of the blobs, and no more than the disk has free',
    ({ freeBytes, blobBytes }, capacityBytes) => freeWithinCapacity(capacityBytes, freeBytes, blobBytes ?? null),
  ],
  ['mcos_node_healing_paused', 'Whether healing is paused here (1) or not (0)', ({ healing }) => (healing?.paused ? 1 : 0)],
  ['mcos_node_copies_missing', 'Copies found missing in the last walk of the healer', ({ healing }) => healing?.healer.copiesMissing ?? 0],
  ['mcos_node_blobs_damaged', 'Damaged blobs found in the present scrub', ({ healing }) => healing?.scrub.damaged ?? 0],
];

/** The numbers of one node for Prometheus, read from its status at each scrape, and what it is meant to hold, in a registry of their own. */
export function createNodeMetrics(status: () => Promise<StatusAnswer>, capacityBytes: number): () => Promise<string> {
  const metrics = new MetricsRegistry();
  const gauges = figures.map(([name, help, value]) => ({ gauge: new Gauge({ name, help, registers: [metrics] }), value }));
  return async () => {
    const now = await status();
    for (const { gauge, value } of gauges) gauge.set(value(now, capacityBytes));
    return metrics.metrics();
  };
}
