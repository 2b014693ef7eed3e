import { createHash } from 'node:crypto';
import { createPki } from '../../adapters/crypto/x509-pki.ts';
import { openSqliteDocumentStore } from '../../adapters/storage/sqlite-document-store.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Pki } from '../../base/pki.ts';
import { genesisSignatureText, lineageSignatureText, membershipSignatureText, membershipText } from '../../contracts/canonical-json.ts';
import type { EpochProposal, GenesisRecord } from '../../contracts/epoch.ts';
import type { Membership, MembershipUpdate, NodeEntry } from '../../contracts/membership.ts';

/** A cluster's CA, its Controller's key and some nodes' certificates; the real cryptography. */
export interface TestAuthority {
  readonly pki: Pki;
  readonly clusterId: string;
  readonly authorityPem: string;
  readonly controllerKeyPem: string;
  readonly controllerCertificatePem: string;
  readonly genesis: GenesisRecord;
  node(id: string): Promise<{ keyPem: string; certificatePem: string }>;
  update(list: Omit<Membership, 'clusterId'>, sinceVersion?: number): Promise<MembershipUpdate>;
}

const controllerId = 'c0c0c0c0c0c0c0c0';

export async function createTestAuthority(clusterId = 'ab'.repeat(16)): Promise<TestAuthority> {
  const pki = createPki();
  const authorityKeyPem = await pki.createKey();
  const authorityPem = await pki.createAuthority(clusterId, authorityKeyPem);
  const issue = async (kind: 'node' | 'controller', id: string): Promise<{ keyPem: string; certificatePem: string }> => {
    const keyPem = await pki.createKey();
    const certificatePem = await pki.issue(
      { keyPem: authorityKeyPem, certificatePem: authorityPem },
      await pki.createRequest(keyPem),
      { clusterId, kind, id, hosts: ['localhost'] },
      90,
    );
    return { keyPem, certificatePem };
  };
  const controller = await issue('controller', controllerId);
  const unsigned = { format: 1 as const, clusterId, clusterName: 'test', controllerId, seed: '5e'.repeat(16), createdAtMs: 1 };
  const genesis: GenesisRecord = { ...unsigned, signature: await pki.sign(authorityKeyPem, genesisSignatureText(unsigned)) };
  return {
    pki,
    clusterId,
    authorityPem,
    controllerKeyPem: controller.keyPem,
    controllerCertificatePem: controller.certificatePem,
    genesis,
    node: (id) => issue('node', id),
    update: async (list, sinceVersion = 0) => {
      const listDigest = createHash('sha256')
        .update(membershipText({ clusterId, ...list }))
        .digest('hex');
      const changed = list.nodes.filter((node) => node.changedInVersion > sinceVersion);
      return {
        format: 1,
        clusterId,
        version: list.version,
        sinceVersion,
        changed,
        revocations: list.revocations.filter((revocation) => changed.some((node) => node.id === revocation.nodeId)),
        listDigest,
        signature: await pki.sign(controller.keyPem, membershipSignatureText(listDigest)),
        ...(list.lineage && {
          lineage: {
            starts: [...list.lineage],
            signature: await pki.sign(controller.keyPem, lineageSignatureText(listDigest, list.lineage)),
          },
        }),
      };
    },
  };
}

/** Node ids 1, 2, 3 ... as the contracts want them. */
export function testNodeId(number: number): string {
  return number.toString(16).padStart(16, '0');
}

export function testNodeEntry(number: number, changes: Partial<NodeEntry> = {}): NodeEntry {
  return {
    id: testNodeId(number),
    parameters: {
      name: `cloud-${number}`,
      provider: 'p',
      region: 'r',
      zone: `z${number % 3}`,
      capacityBytes: 1 << 30,
      declaredReadBytesPerSecond: 1,
      declaredWriteBytesPerSecond: 1,
    },
    addresses: { cluster: `https://127.0.0.1:${7400 + number}`, s3: 'http://127.0.0.1:1', dashboard: 'http://127.0.0.1:2' },
    state: 'healthy',
    publicKeyDigest: '0'.repeat(64),
    joinedAtMs: 0,
    changedInVersion: 1,
    ...changes,
  };
}

export function testProposal(clusterId: string, size: number, attempt = 1): EpochProposal {
  const members = Array.from({ length: size }, (_, index) => ({
    id: testNodeId(index + 1),
    name: `cloud-${index + 1}`,
    zone: `z${(index + 1) % 3}`,
    weight: 10,
  }));
  return { format: 1, clusterId, epoch: 1, attempt, members, partitionPower: 6, replicas: 3, membershipVersion: 1 };
}

/** A document store in memory that behaves as on disk. */
export function memoryDocuments(): DocumentStore {
  return openSqliteDocumentStore(':memory:');
}
