import type { Clock } from '../../base/clock.ts';
import type { DocumentChange, DocumentStore } from '../../base/document-store.ts';
import type { PasswordHasher } from '../../base/password-hasher.ts';
import type { Pki } from '../../base/pki.ts';
import type { Random } from '../../base/random.ts';
import { genesisSignatureText } from '../../contracts/canonical-json.ts';
import type { GenesisRecord } from '../../contracts/epoch.ts';
import { randomHex, randomSecret } from '../digest.ts';

/** Who this Controller is: made once, at the first start, and kept for ever. */
export interface ClusterSecrets {
  readonly format: 1;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly controllerId: string;
  readonly authorityKeyPem: string;
  readonly authorityCertificatePem: string;
  /** SHA-256 (hex) of the CA's public key: what join tokens carry. */
  readonly authorityDigest: string;
  readonly controllerKeyPem: string;
  readonly controllerCertificatePem: string;
  readonly genesis: GenesisRecord;
}

export interface IdentityDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly documents: DocumentStore;
  readonly pki: Pki;
  readonly passwordHasher: PasswordHasher;
}

export interface IdentityOptions {
  readonly clusterName: string;
  /** Names and addresses of the Controller's own ports, for its certificate. */
  readonly hosts: readonly string[];
  readonly initialPassword?: string;
}

const collection = 'controller';
const firstRunKey = 'first-run';
const validDays = 90;
const dayMs = 86_400_000;
export const administratorName = 'admin';

/**
 * Loads the identity, or makes it on the first run; then `firstRunPassword` says which password was generated (unless one was given).
 * Until `endFirstRun` the administrator counts as new: a first start that failed (a port in use) has shown its password to nobody.
 */
export async function openIdentity(
  deps: IdentityDependencies,
  options: IdentityOptions,
): Promise<{ secrets: ClusterSecrets; firstRunPassword?: string }> {
  const stored = deps.documents.get<ClusterSecrets>(collection, 'identity');
  const isFirstRun = stored === undefined || deps.documents.get(collection, firstRunKey) !== undefined;
  const secrets = stored === undefined ? await createSecrets(deps, options) : await withFreshCertificate(deps, stored, options.hosts);
  if (!isFirstRun) return { secrets };
  const password = options.initialPassword ?? randomSecret(deps.random, 15);
  const passwordHash = await deps.passwordHasher.hash(password);
  // One transaction: a crash in between must not leave a cluster that nobody can log in to.
  deps.documents.commit([
    { kind: 'put', collection, key: 'identity', document: secrets },
    { kind: 'put', collection, key: firstRunKey, document: { format: 1 } },
    {
      kind: 'put',
      collection: 'administrators',
      key: administratorName,
      document: { format: 1, name: administratorName, passwordHash, createdAtMs: deps.clock.nowMs() },
    },
  ]);
  return options.initialPassword === undefined ? { secrets, firstRunPassword: password } : { secrets };
}

/** The Controller has started, so whoever started it has the password. */
export function endFirstRun(documents: DocumentStore): void {
  const changes = firstRunEnd(documents);
  if (changes.length > 0) documents.commit(changes);
}

/** What has to be written so that the first run is over. */
export function firstRunEnd(documents: DocumentStore): DocumentChange[] {
  return documents.get(collection, firstRunKey) === undefined ? [] : [{ kind: 'delete', collection, key: firstRunKey }];
}

async function createSecrets(deps: IdentityDependencies, options: IdentityOptions): Promise<ClusterSecrets> {
  const { pki, random, clock } = deps;
  const clusterId = randomHex(random, 16);
  const controllerId = randomHex(random, 8);
  const authorityKeyPem = await pki.createKey();
  const authorityCertificatePem = await pki.createAuthority(clusterId, authorityKeyPem);
  const controllerKeyPem = await pki.createKey();
  const authority = { keyPem: authorityKeyPem, certificatePem: authorityCertificatePem };
  const controllerCertificatePem = await issueController(pki, authority, controllerKeyPem, clusterId, controllerId, options.hosts);
  const unsigned = {
    format: 1 as const,
    clusterId,
    clusterName: options.clusterName,
    controllerId,
    seed: randomHex(random, 16),
    createdAtMs: Math.floor(clock.nowMs()),
  };
  const signature = await pki.sign(authorityKeyPem, genesisSignatureText(unsigned));
  return {
    format: 1,
    clusterId,
    clusterName: options.clusterName,
    controllerId,
    authorityKeyPem,
    authorityCertificatePem,
    authorityDigest: await pki.publicKeyDigest(authorityCertificatePem),
    controllerKeyPem,
    controllerCertificatePem,
    genesis: { ...unsigned, signature },
  };
}

async function issueController(
  pki: Pki,
  authority: { keyPem: string; certificatePem: string },
  keyPem: string,
  clusterId: string,
  id: string,
  hosts: readonly string[],
): Promise<string> {
  return pki.issue(authority, await pki.createRequest(keyPem), { clusterId, kind: 'controller', id, hosts }, validDays);
}

/** The Controller signs its own certificate anew when half of its life is over or its hosts changed; the key stays, so nodes keep verifying lists. */
async function withFreshCertificate(
  deps: IdentityDependencies,
  secrets: ClusterSecrets,
  hosts: readonly string[],
): Promise<ClusterSecrets> {
  const facts = deps.pki.inspect(secrets.controllerCertificatePem);
  const remainingMs = facts ? facts.notAfterMs - deps.clock.nowMs() : 0;
  const hostsKnown = facts !== undefined && hosts.every((host) => facts.hosts.includes(host));
  if (remainingMs > (validDays / 2) * dayMs && hostsKnown) return secrets;
  return renewControllerCertificate(deps, secrets, hosts);
}

/** A new certificate for the Controller's key, stored. */
export async function renewControllerCertificate(
  deps: Pick<IdentityDependencies, 'pki' | 'documents'>,
  secrets: ClusterSecrets,
  hosts: readonly string[],
): Promise<ClusterSecrets> {
  const authority = { keyPem: secrets.authorityKeyPem, certificatePem: secrets.authorityCertificatePem };
  const controllerCertificatePem = await issueController(
    deps.pki,
    authority,
    secrets.controllerKeyPem,
    secrets.clusterId,
    secrets.controllerId,
    hosts,
  );
  const renewed = { ...secrets, controllerCertificatePem };
  deps.documents.commit([{ kind: 'put', collection, key: 'identity', document: renewed }]);
  return renewed;
}
