import type { ClusterEndpointFactory } from '../../../backend/base/cluster-endpoint.ts';
import type { ClusterRpcClient, ClusterRpcRequest } from '../../../backend/base/cluster-rpc.ts';
import { failed, success, type Outcome } from '../../../backend/base/outcome.ts';
import type { Pki } from '../../../backend/base/pki.ts';
import { epochSignatureText } from '../../../backend/contracts/canonical-json.ts';
import type { StatusAnswer } from '../../../backend/contracts/cluster-messages.ts';
import type { EpochCertificate, EpochProposal } from '../../../backend/contracts/epoch.ts';
import { failure } from '../../../backend/contracts/errors.ts';
import type { MembershipUpdate } from '../../../backend/contracts/membership.ts';
import type { ClusterSecrets } from '../../../backend/controller/registry/identity.ts';
import type { NewNode } from '../../../backend/controller/registry/registry.ts';
import { computeRings } from '../../../backend/controller/rings/plan.ts';
import { newSimulatedNode } from './simulated-places.ts';

type Handler = (request: ClusterRpcRequest) => Promise<Outcome<unknown>>;

/** Cloud Services that are answers alone: no process, no port, no disk. What they measure changes with every probe. */
export interface SimulatedCloud {
  readonly nodes: readonly NewNode[];
  /** The real endpoint of the Controller, with the nodes behind its client instead of a network. */
  over(real: ClusterEndpointFactory): ClusterEndpointFactory;
  /** Node `index` tells the Controller that it was started again: an event, and a change of its entry. */
  restart(index: number): Promise<Outcome<unknown>>;
}

interface Member {
  readonly node: NewNode;
  readonly certificate: string;
  instanceId: string;
  starts: number;
  probes: number;
  version: number;
  epoch: EpochCertificate | undefined;
}

/** One key serves all: only the identities differ, and nobody connects with it. */
export async function createSimulatedCloud(count: number, pki: Pki, secrets: ClusterSecrets): Promise<SimulatedCloud> {
  const keyPem = await pki.createKey();
  const request = await pki.createRequest(keyPem);
  const authority = { keyPem: secrets.authorityKeyPem, certificatePem: secrets.authorityCertificatePem };
  const members: Member[] = [];
  for (let index = 0; index < count; index++) {
    const node = newSimulatedNode(index);
    const subject = { clusterId: secrets.clusterId, kind: 'node', id: node.id, hosts: [] } as const;
    const certificate = (await pki.issue(authority, request, subject, 90)).replaceAll(/-----[A-Z ]+-----|\s/g, '');
    members.push({ node, certificate, instanceId: node.instanceId, starts: 0, probes: 0, version: 0, epoch: undefined });
  }
  const byId = new Map(members.map((member) => [member.node.id, member]));
  const handlers = new Map<string, Handler>();
  let known: { proposal: string; digest: string } | undefined;

  /** All come to the same rings, so they are computed once. */
  function digestOf(proposal: EpochProposal): string {
    const text = JSON.stringify(proposal);
    if (known?.proposal !== text) known = { proposal: text, digest: computeRings(proposal, secrets.genesis.seed, null).digest };
    return known.digest;
  }

  async function answer(member: Member, method: string, body: unknown): Promise<Outcome<unknown>> {
    switch (method) {
      case 'status':
        return success(statusOf(member, members));
      case 'membership-push':
        member.version = (body as MembershipUpdate).version;
        return success({ version: member.version });
      case 'rings-confirm':
        return success({ digest: digestOf((body as { proposal: EpochProposal }).proposal), computedInMs: 1 });
      case 'rings-acknowledge': {
        const { proposal, digest } = body as { proposal: EpochProposal; digest: string };
        const text = epochSignatureText({ clusterId: proposal.clusterId, epoch: 1, attempt: proposal.attempt, digest, phase: 'active' });
        const { certificate, node } = member;
        return success({ acknowledgement: { nodeId: node.id, certificate, signature: await pki.sign(keyPem, text) } });
      }
      case 'rings-adopt':
        member.epoch = (body as { certificate: EpochCertificate }).certificate;
        return success({});
      default:
        return failed(failure('Unreachable', `A simulated Cloud Service does not answer ${method}.`));
    }
  }

  const rpcClient: ClusterRpcClient = {
    call: async ({ expected }, method, body) => {
      const member = expected.kind === 'node' ? byId.get(expected.nodeId) : undefined;
      // As over a network, the answer comes in another turn.
      await new Promise((resolve) => setImmediate(resolve));
      return member === undefined ? failed(failure('Unreachable', 'nobody is there')) : answer(member, method, body);
    },
  };

  return {
    nodes: members.map(({ node }) => node),
    over: (real) => (options) => {
      const endpoint = real(options);
      return {
        rpcClient,
        rpcServer: {
          handle: (method, who, handler) => {
            handlers.set(method, handler);
            return endpoint.rpcServer.handle(method, who, handler);
          },
        },
        peers: endpoint.peers,
        blobPeers: endpoint.blobPeers,
        get port() {
          return endpoint.port;
        },
        start: () => endpoint.start(),
        stop: () => endpoint.stop(),
        useCredentials: (credentials) => endpoint.useCredentials(credentials),
      };
    },
    restart: (index) => {
      const member = members[index % members.length];
      const announce = handlers.get('announce');
      if (!member || !announce) return Promise.resolve(failed(failure('NotReady', 'The Controller does not listen yet.')));
      member.starts += 1;
      member.instanceId = `${member.node.instanceId}-${member.starts}`;
      const { parameters, addresses, id } = member.node;
      return announce({
        from: { kind: 'node', nodeId: id, certificateSerial: '0' },
        fromAddress: '127.0.0.1',
        body: { format: 1, parameters, addresses, instanceId: member.instanceId, membershipVersion: member.version },
      });
    },
  };
}

function statusOf(member: Member, members: readonly Member[]): StatusAnswer {
  member.probes += 1;
  const { node, probes, epoch } = member;
  const { capacityBytes } = node.parameters;
  const usedBytes = Math.round(capacityBytes * (0.2 + 0.0001 * (probes % 5_000)));
  const peers = [1, 7, 31].map((step) => members[(members.indexOf(member) + step) % members.length]?.node.id ?? node.id);
  return {
    nodeId: node.id,
    instanceId: member.instanceId,
    softwareVersion: '0.1.0',
    membershipVersion: member.version,
    epoch: epoch?.proposal.epoch ?? 0,
    digest: epoch?.digest ?? null,
    phase: epoch?.phase ?? null,
    serving: epoch === undefined ? 'waiting-for-rings' : 'serving',
    freeBytes: capacityBytes - usedBytes,
    usedBytes,
    nameCount: 10_000 + 13 * probes,
    blobCount: 4_000 + 5 * probes,
    blobBytes: usedBytes,
    traffic: { requests: 40 * probes, errors: 0, bytesIn: 90_000 * probes, bytesOut: 400_000 * probes },
    latencies: peers.map((nodeId, index) => ({ nodeId, roundTripMs: 1 + index * 20 + (probes % 10) / 10 })),
    measuredReadBytesPerSecond: 400_000_000,
    measuredWriteBytesPerSecond: 250_000_000,
    peers: [],
  };
}
