import type { Logger } from '../../base/logger.ts';
import type { RingName } from '../../contracts/ids.ts';
import type { Regime, RegisterView, ReplicaGroup } from '../../register/register-view.ts';
import { partitionOf } from '../../ring/lookup.ts';
import type { BootRecord } from './boot-record.ts';
import { givenUpBy, regimeOf, standingReplicas } from '../../epochs/recovery.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import type { EpochState, EpochView } from './epoch-state.ts';
import { decodeJson } from './message.ts';

export interface NodeRegisterViewDeps {
  readonly logger: Logger;
  readonly selfId: string;
  readonly boot: BootRecord;
  readonly epochs: Pick<EpochState, 'current' | 'adopting' | 'adopt'>;
  readonly mayPurge: () => boolean;
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
  let shownOf: EpochView | null = null;
  let regime: Regime | null = null;
  let groups: Record<RingName, (readonly ReplicaGroup[])[]> = { account: [], container: [], object: [] };

  const refresh = (): EpochView | null => {
    const { current } = epochs;
    if (current === shownOf) return current;
    shownOf = current;
    regime = current === null ? null : regimeOf(current.certificate);
    groups = { account: [], container: [], object: [] };
    return current;
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
      const view = refresh();
      if (view === null) return noGroups;
      // A ring never has fewer partitions than the one before, so its partitions name both groups.
      const ring = view.rings[name];
      const partition = partitionOf(hash, ring.partitionPower);
      const known = groups[name][partition];
      if (known !== undefined) return known;
      const made = groupsIn(view, name, hash);
      groups[name][partition] = made;
      return made;
    },
    adopting: () => epochs.adopting,
    mayPurge: deps.mayPurge,
    serving: deps.serving,
    recordedBoot: (nodeId) => (nodeId === selfId ? boot.number : boot.recordedOf(nodeId)),
    reachable: (nodeId) => nodeId === selfId || deps.reachable(nodeId),
    certificate: () => refresh()?.certificateBytes ?? null,
    learn: async (from, certificate) => {
      const adopted = await epochs.adopt(decodeJson(certificate), 'peer', from);
      if (!adopted.ok) logger.warn({ from, code: adopted.failure.code }, `an epoch certificate was refused: ${adopted.failure.message}`);
    },
  };
}

/** The replicas that must agree: those of the epoch before as well, while the new one comes in; of both, where a majority is given up, those that are left. */
function groupsIn(view: EpochView, name: RingName, hash: number): readonly ReplicaGroup[] {
  const all = replicaIds(view.rings[name], partitionOf(hash, view.rings[name].partitionPower));
  if (view.previous === null) return [all];
  const givenUp = givenUpBy(view.certificate.proposal);
  const ring = view.previous.rings[name];
  const old = standingReplicas(replicaIds(ring, partitionOf(hash, ring.partitionPower)), givenUp);
  const next = standingReplicas(all, givenUp);
  // Where nobody is left who will hold it, nobody answers: what those before have would not last.
  if (next.length === 0) return [all];
  if (old.length === 0) return [next];
  const same = old.length === next.length && old.every((id) => next.includes(id));
  return same ? [old] : [old, next];
}
