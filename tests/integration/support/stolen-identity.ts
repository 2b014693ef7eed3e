import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPki } from '../../../backend/adapters/crypto/x509-pki.ts';
import { createClusterEndpointFactory } from '../../../backend/adapters/network/cluster-endpoint.ts';
import { openSqliteDocumentStore } from '../../../backend/adapters/storage/sqlite-document-store.ts';
import { createSystemClock } from '../../../backend/adapters/system/system-clock.ts';
import type { ClusterEndpoint } from '../../../backend/base/cluster-endpoint.ts';
import { silentLogger } from '../../../backend/base/logger.ts';
import { credentialsOf, IdentityStore } from '../../../backend/cloud-service/admin-cloud-controller/identity.ts';

/** An endpoint with the key and the certificate of a node, from a copy of its data directory: it calls as that node would. */
export async function stealIdentity(dataDirectory: string): Promise<ClusterEndpoint> {
  const copy = await mkdtemp(join(tmpdir(), 'mcos-stolen-'));
  try {
    for (const file of ['node.sqlite', 'node.sqlite-wal']) await cp(join(dataDirectory, file), join(copy, file));
    const documents = openSqliteDocumentStore(join(copy, 'node.sqlite'));
    try {
      const identities = new IdentityStore(documents, createPki());
      const identity = identities.identity();
      if (identity === undefined) throw new Error(`${dataDirectory} has never joined`);
      return createClusterEndpointFactory({ clock: createSystemClock(), logger: silentLogger })({
        credentials: credentialsOf(identity, await identities.key()),
        listen: { host: '127.0.0.1', port: 0 },
        addressOf: () => undefined,
        isRefused: () => false,
      });
    } finally {
      documents.close();
    }
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}
