import type { ClusterEndpoint, ClusterEndpointFactory, JoinClient } from '../../base/cluster-endpoint.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success, unwrap } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { epochSignatureText } from '../../contracts/canonical-json.ts';
import type { JoinAnswer, StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import type { HealingCommand, HealingStatus } from '../../contracts/healing.ts';
import { failure } from '../../contracts/errors.ts';
import type { MembershipUpdate, NodeEntry, NodeParameters } from '../../contracts/membership.ts';
import { computeRings } from '../rings/plan.ts';

/** What a test needs of a node: it joins, keeps the list, and plays its part in the first epoch, over real calls. */
export interface FakeNode {
  readonly name: string;
  readonly id: string;
  readonly list: { version: number; nodes: Map<string, NodeEntry> };
  readonly adopted: EpochCertificate | undefined;
  readonly withdrawn: number;
  /** Bytes of pushes taken, as JSON. */
  readonly pushedBytes: number;
  /** What it computes instead of the right digest. */
  tamper: ((digest: string) => string) | undefined;
  refuseAcknowledge: boolean;
  /** Answers acknowledgements with a passing failure. */
  hesitate: boolean;
  forgetEpoch(): void;
  reaches: (nodeId: string) => boolean;
  status: Partial<StatusAnswer>;
  readonly instanceId: string;
  announce(instanceId?: string, controllerUrl?: string): Promise<Outcome<unknown>>;
  stop(): Promise<void>;
}

export interface FakeNodePorts {
  readonly pki: Pki;
  readonly endpointFactory: ClusterEndpointFactory;
  readonly joinClient: JoinClient;
}

export interface FakeNodeOptions {
  readonly controllerUrl: string;
  readonly token: string;
  readonly name: string;
  readonly zone?: string;
  readonly keyPem?: string;
  readonly instanceId?: string;
  /** Cluster port; must be free. */
  readonly port: number;
  /** Sends the join twice at the same time. */
  readonly twice?: boolean;
  readonly parameters?: Partial<NodeParameters>;
}

export async function joinFakeNode(ports: FakeNodePorts, options: FakeNodeOptions): Promise<Outcome<FakeNode>> {
  const { pki, joinClient } = ports;
  const keyPem = options.keyPem ?? (await pki.createKey());
  const instanceId = options.instanceId ?? `instance-${options.name}`;
  const [, tokenId = '', digest = '', secret = ''] = options.token.split('.');
  const authority = await joinClient.fetchAuthority(options.controllerUrl, digest, { timeoutMs: 10_000 });
  if (!authority.ok) return authority;
  const url = `https://127.0.0.1:${options.port}`;
  const parameters: NodeParameters = {
    name: options.name,
    provider: 'test',
    region: 'here',
    zone: options.zone ?? 'z1',
    capacityBytes: 100 * 2 ** 30,
    declaredReadBytesPerSecond: 1e8,
    declaredWriteBytesPerSecond: 1e8,
    ...options.parameters,
  };
  const addresses = { cluster: url, s3: 'http://127.0.0.1:1', dashboard: 'http://127.0.0.1:2' };
  const request = { format: 1, tokenId, secret, certificateRequest: await pki.createRequest(keyPem), parameters, addresses, instanceId };
  const send = (): Promise<Outcome<unknown>> =>
    joinClient.call(options.controllerUrl, authority.value, 'join', request, { timeoutMs: 10_000 });
  const outcomes = await Promise.all(options.twice ? [send(), send()] : [send()]);
  const refused = outcomes.find((outcome) => !outcome.ok);
  if (refused && !refused.ok) return refused;
  const answers = outcomes.map((outcome) => unwrap(outcome) as JoinAnswer);
  const answer = answers[0] as JoinAnswer;
  if (answers.some((other) => other.nodeId !== answer.nodeId)) return failed(failure('Conflict', 'one key got two node ids'));
  return success(await startFakeNode(ports, options, { keyPem, instanceId, answer, parameters, addresses, authorityPem: authority.value }));
}

async function startFakeNode(
  ports: FakeNodePorts,
  options: FakeNodeOptions,
  joined: {
    keyPem: string;
    instanceId: string;
    answer: JoinAnswer;
    parameters: NodeParameters;
    addresses: NodeEntry['addresses'];
    authorityPem: string;
  },
): Promise<FakeNode> {
  const { answer, keyPem } = joined;
  const nodes = new Map<string, NodeEntry>();
  let version = 0;
  let adopted: EpochCertificate | undefined;
  let withdrawn = 0;
  let pushedBytes = 0;
  const digestOf = (proposal: EpochProposal): string => {
    const { digest } = computeRings(proposal, answer.genesis.seed, null);
    return node.tamper ? node.tamper(digest) : digest;
  };
  const take = (update: MembershipUpdate): void => {
    if (update.version <= version || update.sinceVersion > version) return;
    for (const entry of update.changed) nodes.set(entry.id, entry);
    version = update.version;
  };
  const endpoint: ClusterEndpoint = ports.endpointFactory({
    credentials: { clusterId: answer.genesis.clusterId, keyPem, certificatePem: answer.certificate, authorityPem: joined.authorityPem },
    listen: { host: '127.0.0.1', port: options.port },
    addressOf: (id) => nodes.get(id)?.addresses.cluster,
    isRefused: () => false,
  });
  const node: FakeNode = {
    name: options.name,
    id: answer.nodeId,
    get list() {
      return { version, nodes };
    },
    get adopted() {
      return adopted;
    },
    get withdrawn() {
      return withdrawn;
    },
    get pushedBytes() {
      return pushedBytes;
    },
    tamper: undefined,
    refuseAcknowledge: false,
    hesitate: false,
    forgetEpoch: () => void (adopted = undefined),
    reaches: () => true,
    status: {},
    instanceId: joined.instanceId,
    announce: (instanceId = joined.instanceId, controllerUrl = options.controllerUrl) =>
      endpoint.rpcClient.call(
        { url: controllerUrl, expected: { kind: 'controller' } },
        'announce',
        { format: 1, parameters: joined.parameters, addresses: joined.addresses, instanceId, membershipVersion: version },
        { timeoutMs: 10_000 },
      ),
    stop: () => endpoint.stop(),
  };
  const { rpcServer } = endpoint;
  rpcServer.handle('status', ['controller', 'node'], async ({ body }) => {
    const { askAbout } = body as { askAbout: string[] };
    const peers = askAbout.map((nodeId) => ({
      nodeId,
      reachable: node.reaches(nodeId),
      lastAnswerAgoMs: node.reaches(nodeId) ? 100 : 60_000,
      roundTripMs: 1,
    }));
    return success({ ...statusOf(node, adopted), peers, ...node.status });
  });
  rpcServer.handle('membership-push', ['controller'], async ({ body }) => {
    pushedBytes += JSON.stringify(body).length;
    take(body as MembershipUpdate);
    return success({ version });
  });
  rpcServer.handle('rings-confirm', ['controller'], async ({ body }) =>
    success({ digest: digestOf((body as { proposal: EpochProposal }).proposal), computedInMs: 1 }),
  );
  rpcServer.handle('rings-acknowledge', ['controller'], async ({ body }) => {
    const { proposal, digest } = body as { proposal: EpochProposal; digest: string };
    if (node.hesitate) return failed(failure('NotReady', 'in a moment'));
    if (node.refuseAcknowledge || proposal.attempt <= withdrawn) return failed(failure('EpochConflict', 'refused'));
    const text = epochSignatureText({ clusterId: proposal.clusterId, epoch: 1, attempt: proposal.attempt, digest, phase: 'active' });
    const certificate = answer.certificate.replaceAll(/-----[A-Z ]+-----|\s/g, '');
    return success({ acknowledgement: { nodeId: node.id, certificate, signature: await ports.pki.sign(keyPem, text) } });
  });
  rpcServer.handle('rings-withdraw', ['controller'], async ({ body }) => {
    withdrawn = (body as { attempt: number }).attempt;
    return success({ withdrawn: true });
  });
  let paused = false;
  rpcServer.handle('healing-command', ['controller'], async ({ body }) => {
    const { command } = body as HealingCommand;
    if (command === 'pause' || command === 'resume') paused = command === 'pause';
    return Promise.resolve(success(healingOf(paused)));
  });
  // Ten records of 100 bytes and 7 of a small object in each partition that it may have; the Controller knows which are its own.
  rpcServer.handle('record-loads', ['controller'], async ({ body }) => {
    const { fromPartition } = body as { fromPartition: number };
    const loads = Array.from({ length: 512 }, (_, index) => ({
      partition: fromPartition + index,
      records: 10,
      bytes: 1000,
      inlineBytes: 7,
    }));
    const nextPartition = fromPartition + 512 < 1024 ? fromPartition + 512 : null;
    return Promise.resolve(success({ epoch: 1, partitionPower: 10, loads, nextPartition }));
  });
  rpcServer.handle('rings-adopt', ['controller', 'node'], async ({ body }) => {
    adopted = (body as { certificate: EpochCertificate }).certificate;
    return success({});
  });
  take(answer.membership);
  await endpoint.start();
  return node;
}

function healingOf(paused: boolean): HealingStatus {
  const walk = { partitions: 0, partitionsDone: 0, names: 0, copiesMissing: 0, copiesRestored: 0, bytesRestored: 0, copiesFailed: 0 };
  const pace = { bytesPerSecond: 0, secondsLeft: null };
  return {
    paused,
    healer: { state: 'idle', ...walk, unreadable: 0, ...pace, lastEndedAtMs: null },
    scrub: { state: 'idle', onDemand: false, blobsChecked: 0, bytesChecked: 0, done: 0, damaged: 0, ...pace, lastCompletedAtMs: null },
    sweep: { state: 'idle', blobsSeen: 0, removed: 0, bytesRemoved: 0, lastEndedAtMs: null },
    totals: { copiesRestored: 0, bytesRestored: 0, damaged: 0, swept: 0 },
  };
}

function statusOf(node: FakeNode, adopted: EpochCertificate | undefined): StatusAnswer {
  return {
    nodeId: node.id,
    instanceId: node.instanceId,
    softwareVersion: 'test',
    membershipVersion: node.list.version,
    epoch: adopted?.proposal.epoch ?? 0,
    digest: adopted?.digest ?? null,
    phase: adopted?.phase ?? null,
    serving: adopted ? 'serving' : 'waiting-for-rings',
    freeBytes: 1,
    usedBytes: 1,
    nameCount: 0,
    blobCount: 0,
    measuredReadBytesPerSecond: null,
    measuredWriteBytesPerSecond: null,
    peers: [],
  };
}
