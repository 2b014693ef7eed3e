import type { Logger } from '../../base/logger.ts';
import type { RingName } from '../../contracts/ids.ts';
import type { Regime, RegisterView, ReplicaGroup } from '../../register/register-view.ts';
import { partitionOf } from '../../ring/lookup.ts';
import type { Ring } from '../../ring/ring.ts';
import type { BootRecord } from './boot-record.ts';
import type { ActiveEpoch, EpochState } from './epoch-state.ts';
import { decodeJson } from './message.ts';

export interface NodeRegisterViewDeps {
  readonly logger: Logger;
  readonly selfId: string;
  readonly boot: BootRecord;
  readonly epochs: EpochState;
  readonly serving: () => boolean;
  readonly reachable: (nodeId: string) => boolean;
}

const noGroups: readonly ReplicaGroup[] = [];

/**
 * The register's window on rings and peers.
 *
 * Invariant: groups are made once a partition and epoch, so a look-up allocates nothing after the first.
 */
export function createNodeRegisterView(deps: NodeRegisterViewDeps): RegisterView {
  const { logger, selfId, boot, epochs } = deps;
  let shownOf: ActiveEpoch | null = null;
  let regime: Regime | null = null;
  let groups: Record<RingName, (readonly ReplicaGroup[])[]> = { account: [], container: [], object: [] };

  const refresh = (): ActiveEpoch | null => {
    const { active } = epochs;
    if (active === shownOf) return active;
    shownOf = active;
    regime = active === null ? null : { epoch: active.certificate.proposal.epoch, phase: active.certificate.phase };
    groups = { account: [], container: [], object: [] };
    return active;
  };

  return {
    selfId,
    get boot() {
      return boot.number;
    },
    regime: () => {
      refresh();
      return regime;
    },
    groupsOf: (name, hash) => {
      const active = refresh();
      if (active === null) return noGroups;
      const ring = active.rings[name];
      const partition = partitionOf(hash, ring.partitionPower);
      const known = groups[name][partition];
      if (known !== undefined) return known;
      const made = [replicaIds(ring, partition)];
      groups[name][partition] = made;
      return made;
    },
    serving: deps.serving,
    recordedBoot: (nodeId) => (nodeId === selfId ? boot.number : boot.recordedOf(nodeId)),
    reachable: (nodeId) => nodeId === selfId || deps.reachable(nodeId),
    certificate: () => refresh()?.certificateBytes ?? null,
    learn: async (from, certificate) => {
      const adopted = await epochs.adopt(decodeJson(certificate), 'peer');
      if (!adopted.ok) logger.warn({ from, code: adopted.failure.code }, `an epoch certificate was refused: ${adopted.failure.message}`);
    },
  };
}

/** Node ids of a partition's replicas, first replica first. */
export function replicaIds(ring: Ring, partition: number): string[] {
  const ids: string[] = [];
  for (let replica = 0; replica < ring.replicas; replica++) {
    const node = ring.nodes[ring.assignment[partition * ring.replicas + replica] ?? -1];
    if (node !== undefined) ids.push(node.id);
  }
  return ids;
}
