import type { BlobStore } from '../../../backend/base/blob-store.ts';
import type { ClusterCredentials, ClusterEndpoint } from '../../../backend/base/cluster-endpoint.ts';
import type { ClusterIdentity } from '../../../backend/base/cluster-rpc.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import type { Pki } from '../../../backend/base/pki.ts';
import { createPki } from '../../../backend/adapters/crypto/x509-pki.ts';
import { createClusterEndpointFactory } from '../../../backend/adapters/network/cluster-endpoint.ts';
import type { ClusterLimits } from '../../../backend/adapters/network/limits.ts';
import { createSystemClock } from '../../../backend/adapters/system/system-clock.ts';

export interface TestMember {
  readonly id: string;
  readonly kind: 'node' | 'controller';
  readonly url: string;
  readonly endpoint: ClusterEndpoint;
  readonly credentials: ClusterCredentials;
}

/** A CA and real endpoints on 127.0.0.1, for tests. Nodes find each other through `addresses`. */
export interface TestCluster {
  readonly pki: Pki;
  readonly clusterId: string;
  readonly authority: { keyPem: string; certificatePem: string };
  readonly addresses: Map<string, string>;
  readonly refused: Set<string>;
  issue(kind: 'node' | 'controller', id: string, keyPem?: string, validDays?: number): Promise<ClusterCredentials>;
  start(
    kind: 'node' | 'controller',
    id: string,
    options?: { port?: number; blobs?: BlobStore; credentials?: ClusterCredentials; limits?: Partial<ClusterLimits> },
  ): Promise<TestMember>;
  stop(): Promise<void>;
}

export async function createTestCluster(clusterId = 'c'.repeat(32)): Promise<TestCluster> {
  const pki = createPki();
  const keyPem = await pki.createKey();
  const authority = { keyPem, certificatePem: await pki.createAuthority(clusterId, keyPem) };
  const addresses = new Map<string, string>();
  const refused = new Set<string>();
  const running: ClusterEndpoint[] = [];
  const idOf = (identity: ClusterIdentity): string =>
    identity.kind === 'node' ? identity.nodeId : identity.kind === 'controller' ? identity.controllerId : '';
  const issue: TestCluster['issue'] = async (kind, id, key, validDays = 90) => {
    const own = key ?? (await pki.createKey());
    const certificatePem = await pki.issue(
      authority,
      await pki.createRequest(own),
      { clusterId, kind, id, hosts: ['127.0.0.1'] },
      validDays,
    );
    return { clusterId, keyPem: own, certificatePem, authorityPem: authority.certificatePem };
  };
  return {
    pki,
    clusterId,
    authority,
    addresses,
    refused,
    issue,
    start: async (kind, id, options = {}) => {
      const credentials = options.credentials ?? (await issue(kind, id));
      const factory = createClusterEndpointFactory({ clock: createSystemClock(), logger: silentLogger, limits: options.limits ?? {} });
      const endpoint = factory({
        credentials,
        listen: { host: '127.0.0.1', port: options.port ?? 0 },
        addressOf: (nodeId) => addresses.get(nodeId),
        isRefused: (identity) => refused.has(idOf(identity)),
        ...(options.blobs ? { blobs: options.blobs } : {}),
        metrics: () => Promise.resolve('mcos_up 1\n'),
      });
      await endpoint.start();
      running.push(endpoint);
      const url = `https://127.0.0.1:${endpoint.port}`;
      addresses.set(id, url);
      return { id, kind, url, endpoint, credentials };
    },
    stop: async () => {
      await Promise.all(running.map((endpoint) => endpoint.stop()));
    },
  };
}
