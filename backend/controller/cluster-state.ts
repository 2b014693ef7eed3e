import type { Clock } from '../base/clock.ts';
import type { ClusterView, NodeView, RingsView } from '../contracts/admin-api.ts';
import type { ControllerSettings } from '../contracts/insight.ts';
import type { NodeTrouble } from '../contracts/node-condition.ts';
import { nodeWeight } from '../ring/node-weight.ts';
import { clusterSentence } from './cluster-sentence.ts';
import type { Drains } from './drains/drains.ts';
import type { HealthMonitor } from './health/health-monitor.ts';
import { tallyOf, type Tally } from './health/tally.ts';
import { refusalOf, troubleOf } from './health/trouble.ts';
import type { MembershipPusher } from './membership/pusher.ts';
import type { ClusterSecrets } from './registry/identity.ts';
import type { NodeRecord } from './registry/node-record.ts';
import type { Registry } from './registry/registry.ts';
import { createMembersById } from './rings/members-by-id.ts';
import { fewestMembers, medianOf } from './rings/plan.ts';
import { createSharesOfSet } from './rings/shares.ts';
import type { Rings } from './rings/rings.ts';

/** How the cluster stands, put together for the console from registry, health and rings. */
export interface ClusterState {
  cluster(): ClusterView;
  nodes(): NodeView[];
  node(record: NodeRecord): NodeView;
  rings(): RingsView;
  /** How many nodes have which trouble. */
  troubled(): Readonly<Record<NodeTrouble, number>>;
}

export interface ClusterStateDependencies {
  readonly clock: Clock;
  readonly secrets: () => ClusterSecrets;
  readonly registry: Registry;
  readonly health: HealthMonitor;
  readonly pusher: MembershipPusher;
  readonly rings: Rings;
  readonly drains: Pick<Drains, 'of'>;
  readonly softwareVersion: string;
  readonly clusterUrl: () => string;
  readonly settings: () => ControllerSettings;
}

type Readiness = RingsView['readiness'];

/** The list of nodes has the others. */
const namesTold = 20;

function countNamed(records: readonly NodeRecord[]): { count: number; names: string[] } {
  const names = records.map(({ entry }) => entry.parameters.name).sort();
  return { count: names.length, names: names.slice(0, namesTold) };
}

export function createClusterState(deps: ClusterStateDependencies): ClusterState {
  const startedAtMs = Math.floor(deps.clock.nowMs());
  const { registry, rings } = deps;
  const sharesOf = createSharesOfSet();
  const memberOf = createMembersById();

  const tally = (): Tally => tallyOf(registry.records(), (nodeId) => deps.health.standing(nodeId));

  function median(): number {
    return medianOf(
      registry
        .records()
        .filter((record) => record.entry.state !== 'removed')
        .map((record) => record.entry.parameters.declaredWriteBytesPerSecond),
    );
  }

  function nodeView(record: NodeRecord, medianWrite: number): NodeView {
    const { entry } = record;
    const { evidence, status, observed } = deps.health.of(entry.id);
    const trouble = troubleOf(entry.state, { missedProbes: evidence.missedProbes, status });
    const drain = deps.drains.of(entry.id);
    const member = memberOf(rings.certificate?.proposal.members, entry.id);
    return {
      index: record.index,
      id: entry.id,
      name: entry.parameters.name,
      state: entry.state,
      stateSinceMs: record.stateSinceMs,
      evidence,
      parameters: entry.parameters,
      addresses: entry.addresses,
      // In the rings it is what they were made with; before, what its declaration gives.
      weight: member?.weight ?? entry.weightOverride ?? nodeWeight(entry.parameters, medianWrite),
      ...(entry.weightOverride === undefined ? {} : { weightOverride: entry.weightOverride }),
      inRings: member !== undefined,
      joinedAtMs: entry.joinedAtMs,
      certificateExpiresAtMs: record.certificateExpiresAtMs,
      measured: {
        readBytesPerSecond: status?.measuredReadBytesPerSecond ?? null,
        writeBytesPerSecond: status?.measuredWriteBytesPerSecond ?? null,
        freeBytes: status?.freeBytes ?? null,
        usedBytes: status?.usedBytes ?? null,
        blobBytes: status?.blobBytes ?? null,
        nameCount: status?.nameCount ?? null,
        blobCount: status?.blobCount ?? null,
      },
      ...(observed.reporters === 0 ? {} : { observed }),
      serving: status?.serving ?? null,
      ...(trouble === null ? {} : { trouble }),
      ...(status?.healing === undefined ? {} : { healing: status.healing }),
      ...(drain === undefined || (drain.state === 'cancelled' && entry.state !== 'draining') ? {} : { drain }),
      epoch: status?.epoch ?? 0,
      membershipVersion: Math.max(status?.membershipVersion ?? 0, deps.pusher.acknowledged(entry.id)),
      softwareVersion: status?.softwareVersion ?? null,
    };
  }

  function readiness({ well: { healthy } }: Tally): Readiness {
    const decided = rings.certificate;
    const epoch = rings.change?.epoch ?? 1;
    if (decided !== undefined && epoch > 1 && (rings.running || decided.phase !== 'active')) {
      return {
        state: 'running',
        sentence: `The rings of epoch ${epoch} are being made; reads and writes go on.`,
        sentenceKey: 'rings.changing',
        sentenceValues: { epoch },
      };
    }
    if (rings.certificate)
      return {
        state: 'active',
        sentence: `The rings are active (epoch ${rings.certificate.proposal.epoch}).`,
        sentenceKey: 'rings.active',
        sentenceValues: { epoch: rings.certificate.proposal.epoch },
      };
    if (rings.running)
      return { state: 'running', sentence: 'The rings are being created.', sentenceKey: 'rings.running', sentenceValues: {} };
    const { automaticRings, expectedNodes } = deps.settings();
    const wanted = automaticRings ? Math.max(fewestMembers, expectedNodes ?? 0) : fewestMembers;
    if (healthy < wanted) {
      const values = { healthy, wanted };
      return {
        state: 'waiting',
        sentence: `Waiting for nodes: ${healthy} of ${wanted} are healthy.`,
        sentenceKey: 'rings.waiting',
        sentenceValues: values,
      };
    }
    return {
      state: 'ready',
      sentence: `${healthy} nodes are healthy: the rings can be created.`,
      sentenceKey: 'rings.ready',
      sentenceValues: { healthy },
    };
  }

  /** Those whom the next rings would take in, and those whom they would leave out at last. */
  function besideRings(): Pick<ClusterView, 'notInRings' | 'removedInRings'> {
    const members = rings.certificate?.proposal.members;
    if (members === undefined) return {};
    const inRings = new Set(members.map(({ id }) => id));
    const waits = ({ entry }: NodeRecord): boolean =>
      entry.state === 'healthy' && !inRings.has(entry.id) && refusalOf(deps.health.standing(entry.id).status) === null;
    const stays = ({ entry }: NodeRecord): boolean => entry.state === 'removed' && inRings.has(entry.id);
    return { notInRings: countNamed(registry.records().filter(waits)), removedInRings: countNamed(registry.records().filter(stays)) };
  }

  return {
    cluster: () => {
      const secrets = deps.secrets();
      const { expectedNodes, automaticRings } = deps.settings();
      const counted = tally();
      const beside = besideRings();
      return {
        clusterId: secrets.clusterId,
        clusterName: secrets.clusterName,
        controllerId: secrets.controllerId,
        softwareVersion: deps.softwareVersion,
        startedAtMs,
        clusterUrl: deps.clusterUrl(),
        caDigest: secrets.authorityDigest,
        ...(expectedNodes === null ? {} : { expectedNodes }),
        automaticRings,
        membershipVersion: registry.version,
        epoch: rings.certificate?.proposal.epoch ?? 0,
        digest: rings.certificate?.digest ?? null,
        counts: { ...counted.states },
        troubled: { ...counted.troubled },
        ...clusterSentence(counted, readiness(counted), beside.removedInRings?.count),
        ...beside,
      };
    },
    nodes: () => {
      const medianWrite = median();
      return registry.records().map((record) => nodeView(record, medianWrite));
    },
    node: (record) => nodeView(record, median()),
    rings: () => {
      const certificate = rings.certificate;
      const set = rings.active();
      const members = certificate?.proposal.members ?? [];
      return {
        epoch: certificate?.proposal.epoch ?? 0,
        phase: certificate?.phase ?? null,
        digest: certificate?.digest ?? null,
        partitionPower: certificate?.proposal.partitionPower ?? null,
        replicas: certificate?.proposal.replicas ?? null,
        createdAtMs: rings.decidedAtMs,
        rings: set ? sharesOf(set, members) : [],
        readiness: readiness(tally()),
      };
    },
    troubled: () => tally().troubled,
  };
}
