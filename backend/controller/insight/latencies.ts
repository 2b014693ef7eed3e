import type { LatenciesView, PeerLatency } from '../../contracts/insight.ts';
import type { Registry } from '../registry/registry.ts';
import { medianOf } from '../rings/plan.ts';

export interface Latencies {
  take(nodeId: string, measured: readonly PeerLatency[], atMs: number): void;
  view(): LatenciesView;
}

const keptPerNode = 64;
/** More nodes than this are told about by zone alone: nobody reads a million lines. */
const mostNodesInPairs = 64;

/** Invariant: at most 64 peers are kept of each node, the ones measured last; removed nodes are in no view. */
export function createLatencies(registry: Registry): Latencies {
  const measuredBy = new Map<string, Map<string, { roundTripMs: number; atMs: number }>>();
  return {
    take: (nodeId, measured, atMs) => {
      const own = measuredBy.get(nodeId) ?? new Map<string, { roundTripMs: number; atMs: number }>();
      measuredBy.set(nodeId, own);
      for (const { nodeId: peer, roundTripMs } of measured) {
        own.delete(peer);
        own.set(peer, { roundTripMs, atMs });
      }
      for (const oldest of own.keys()) {
        if (own.size <= keptPerNode) break;
        own.delete(oldest);
      }
    },
    view: () => {
      const present = new Map(
        registry.records().flatMap(({ entry }) => (entry.state === 'removed' ? [] : [[entry.id, entry.parameters] as const])),
      );
      for (const id of measuredBy.keys()) if (!present.has(id)) measuredBy.delete(id);
      const pairs: LatenciesView['pairs'] = [];
      const byZones = new Map<string, { from: string; to: string; all: number[] }>();
      for (const [id, own] of measuredBy)
        for (const [peer, { roundTripMs, atMs }] of own) {
          const here = present.get(id);
          const there = present.get(peer);
          if (!here || !there) continue;
          pairs.push({ from: here.name, to: there.name, roundTripMs, atMs });
          const [from = '', to = ''] = [here.zone, there.zone].sort();
          const key = JSON.stringify([from, to]);
          const known = byZones.get(key) ?? { from, to, all: [] };
          known.all.push(roundTripMs);
          byZones.set(key, known);
        }
      return {
        pairs: present.size > mostNodesInPairs ? [] : pairs,
        zones: [...byZones.values()].map(({ from, to, all }) => ({ from, to, roundTripMs: medianOf(all), pairs: all.length })),
      };
    },
  };
}
