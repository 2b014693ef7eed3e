import type { NodeEntry, NodeParameters } from '../../contracts/membership.ts';
import type { ClusterMap, MappedNode } from './cluster-map.ts';
import type { MembershipList } from './membership-list.ts';
import type { ObservedSpeeds } from './observed-speeds.ts';
import type { Peers } from './peers.ts';
import type { MeasuredSpeeds } from './speeds.ts';

export interface NodeClusterMapDeps {
  readonly selfId: string;
  readonly parameters: NodeParameters;
  readonly membership: MembershipList;
  readonly peers: Pick<Peers, 'sight' | 'observeFailure'>;
  readonly ownSpace: () => { readonly freeBytes: number };
  readonly observed: ObservedSpeeds;
  readonly ownSpeeds: () => MeasuredSpeeds | undefined;
}

/**
 * The list of Cloud Services joined with own pings and own transfers.
 */
export function createNodeClusterMap(deps: NodeClusterMapDeps): ClusterMap {
  const { selfId, parameters, membership, peers, observed } = deps;

  const map = (entry: NodeEntry): MappedNode => {
    const own = entry.id === selfId;
    const sight = peers.sight(entry.id);
    const measured = own ? deps.ownSpeeds() : undefined;
    const {
      capacityBytes,
      provider,
      region,
      zone,
      name,
      declaredReadBytesPerSecond,
      declaredWriteBytesPerSecond,
      storagePricePerGb,
      egressPricePerGb,
    } = entry.parameters;
    return {
      id: entry.id,
      name,
      zone,
      region,
      provider,
      state: entry.state,
      ...(entry.drainPaused === true ? { drainPaused: true } : {}),
      reachability: own ? 'reachable' : sight.reachability,
      serving: own || sight.serving !== false,
      roundTripMs: own ? 0 : sight.roundTripMs,
      freeBytes: own ? deps.ownSpace().freeBytes : (sight.freeBytes ?? capacityBytes),
      capacityBytes,
      readBytesPerSecond: observed.recent(entry.id, 'read') ?? measured?.readBytesPerSecond ?? declaredReadBytesPerSecond,
      writeBytesPerSecond: observed.recent(entry.id, 'write') ?? measured?.writeBytesPerSecond ?? declaredWriteBytesPerSecond,
      storagePricePerGb: storagePricePerGb ?? 0,
      egressPricePerGb: egressPricePerGb ?? 0,
    };
  };

  const selfEntry = (): NodeEntry =>
    membership.node(selfId) ?? {
      id: selfId,
      parameters,
      addresses: { cluster: 'https://0.0.0.0', s3: 'http://0.0.0.0', dashboard: 'http://0.0.0.0' },
      state: 'joining',
      publicKeyDigest: '',
      joinedAtMs: 0,
      changedInVersion: 1,
    };

  return {
    selfId,
    selfZone: parameters.zone,
    self: () => map(selfEntry()),
    node: (id) => {
      const entry = id === selfId ? selfEntry() : membership.node(id);
      return entry === undefined || entry.state === 'removed' ? undefined : map(entry);
    },
    nodes: () => {
      const entries = membership.nodes.filter((entry) => entry.state !== 'removed' && !membership.isRefused(entry.id));
      return (entries.some((entry) => entry.id === selfId) ? entries : [...entries, selfEntry()]).map(map);
    },
    observeTransfer: (nodeId, direction, sizeBytes, durationMs) => {
      if (membership.node(nodeId) !== undefined) observed.note(nodeId, direction, sizeBytes, durationMs);
    },
    observeFailure: (nodeId) => {
      if (nodeId !== selfId && membership.node(nodeId) !== undefined) peers.observeFailure(nodeId);
    },
  };
}
