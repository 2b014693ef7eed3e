import type { ClusterCredentials } from '../../base/cluster-endpoint.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import type { Pki } from '../../base/pki.ts';
import type { GenesisRecord } from '../../contracts/epoch.ts';

/** Who this node is in which cluster. Made once by joining; only the certificate changes later. */
export interface NodeIdentity {
  readonly format: 1;
  readonly nodeId: string;
  readonly clusterId: string;
  readonly certificatePem: string;
  readonly authorityPem: string;
  readonly controllerCertificatePem: string;
  readonly genesis: GenesisRecord;
}

const collection = 'identity';

/**
 * The node's private key and identity on its disk.
 *
 * Invariants: the key is made here, once, and never leaves; an identity is stored only with a key.
 */
export class IdentityStore {
  readonly #documents: DocumentStore;
  readonly #pki: Pki;

  constructor(documents: DocumentStore, pki: Pki) {
    this.#documents = documents;
    this.#pki = pki;
  }

  /** The node's key (PKCS#8 PEM); made durable before it is used for the first time, so that a join that was cut off can be tried again with the same key. */
  async key(): Promise<string> {
    const stored = this.#documents.get<{ format: 1; keyPem: string }>(collection, 'key');
    if (stored) return stored.keyPem;
    const keyPem = await this.#pki.createKey();
    this.#documents.commit([{ kind: 'put', collection, key: 'key', document: { format: 1, keyPem } }]);
    return keyPem;
  }

  identity(): NodeIdentity | undefined {
    return this.#documents.get<NodeIdentity>(collection, 'identity');
  }

  save(identity: NodeIdentity): void {
    this.#documents.commit([{ kind: 'put', collection, key: 'identity', document: identity }]);
  }
}

export function credentialsOf(identity: NodeIdentity, keyPem: string): ClusterCredentials {
  return { clusterId: identity.clusterId, keyPem, certificatePem: identity.certificatePem, authorityPem: identity.authorityPem };
}
