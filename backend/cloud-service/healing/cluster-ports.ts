import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed } from '../../base/outcome.ts';
import { callSentence } from '../../contracts/call-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { ActiveEpoch } from '../admin-cloud-controller/epoch-state.ts';
import type { MembershipList } from '../admin-cloud-controller/membership-list.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import type { HealingPeers, ObjectPartitions } from './healing-deps.ts';

const callTimeoutMs = 5_000;

/** The healer's calls over the cluster port. */
export function createHealingPeers(rpc: ClusterRpcClient, membership: Pick<MembershipList, 'node'>): HealingPeers {
  const call = (to: string, method: string, body: unknown): Promise<Outcome<unknown>> => {
    const url = membership.node(to)?.addresses.cluster;
    if (url === undefined) return Promise.resolve(failed(spokenFailure('Unreachable', callSentence('noAddress', { id: to }))));
    return rpc.call({ url, expected: { kind: 'node', nodeId: to } }, method, body, { timeoutMs: callTimeoutMs });
  };
  return {
    verify: (to, nodeId) => call(to, 'healing-verify', { nodeId }),
    check: (to, ids) => call(to, 'healing-check', { ids }),
  };
}

/** The partitions of the object ring in the epoch that is active. */
export function objectPartitions(active: ActiveEpoch | null): ObjectPartitions | null {
  if (active === null) return null;
  const ring = active.rings.object;
  const span = 2 ** (32 - ring.partitionPower);
  return {
    count: 2 ** ring.partitionPower,
    replicas: (partition) => replicaIds(ring, partition),
    range: (partition) => ({ fromHash: partition * span, toHash: partition * span + span - 1 }),
  };
}
