import type { Clock } from '../../base/clock.ts';
import type { ClusterIdentity, ClusterRpcClient, ClusterRpcRequest, ClusterRpcServer } from '../../base/cluster-rpc.ts';
import type { DocumentChange } from '../../base/document-store.ts';
import { KeyedMutex } from '../../base/keyed-mutex.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import { DisposableStore } from '../../base/lifecycle.ts';
import type { Logger } from '../../base/logger.ts';
import type { Failure, Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import type { Random } from '../../base/random.ts';
import { AnnounceRequest, JoinRequest, MembershipSinceRequest, RenewRequest, StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { AnnounceAnswer, JoinAnswer, RenewAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { admissionSentence } from '../../contracts/admission-texts.ts';
import { failure, spokenFailure } from '../../contracts/errors.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { eventText } from '../../contracts/event-texts.ts';
import type { MembershipUpdate, NodeAddresses } from '../../contracts/membership.ts';
import { randomHex } from '../digest.ts';
import type { EventLog } from '../events/event-log.ts';
import type { EventThrottle } from '../events/event-throttle.ts';
import type { ListHolder } from '../membership/list-take-over.ts';
import type { SignedList } from '../membership/signed-list.ts';
import type { ClusterSecrets } from '../registry/identity.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import type { ResolveHost } from './check-addresses.ts';
import { checkAddresses } from './check-addresses.ts';
import type { JoinTokens } from './join-tokens.ts';
import { unlessDiskIsFull } from './unless-disk-is-full.ts';

export interface AdmissionDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly pki: Pki;
  readonly secrets: () => ClusterSecrets;
  readonly registry: Registry;
  readonly tokens: JoinTokens;
  readonly signedList: SignedList;
  readonly events: EventLog;
  readonly rpc: ClusterRpcClient;
  readonly resolveHost?: ResolveHost;
  readonly refusals: EventThrottle;
  readonly activeCertificate: () => EpochCertificate | undefined;
  /** The node now holds this version of the list. */
  readonly noteVersion: (nodeId: string, version: number) => void;
  /** A node with a certificate of this cluster is not on the list: its own list may tell of it. */
  readonly onStranger: (holder: ListHolder) => Promise<void>;
}

const nodeValidDays = 90;
const stillAnswersTimeoutMs = 1_000;
const checkJoin = validator(JoinRequest, 'join request');
const checkAnnounce = validator(AnnounceRequest, 'announcement');
const checkSince = validator(MembershipSinceRequest, 'request for the list');
const checkRenew = validator(RenewRequest, 'request for a certificate');
const checkStatus = validator(StatusAnswer, 'status');

/**
 * Lets nodes in: the calls `join`, `announce`, `membership-since` and `renew-certificate`.
 * Joins of one key run one after the other, so that a doubled join gives one node.
 */
export function serveAdmission(server: ClusterRpcServer, deps: AdmissionDependencies): Disposable {
  const handlers = new DisposableStore();
  const perKey = new KeyedMutex(8);
  handlers.add(server.handle('join', ['anonymous'], (request) => join(deps, perKey, request.body)));
  handlers.add(
    server.handle('announce', ['node'], (request) => unlessDiskIsFull(deps.logger, 'announce', () => announce(deps, perKey, request))),
  );
  handlers.add(server.handle('membership-since', ['node'], (request) => membershipSince(deps, request)));
  handlers.add(
    server.handle('renew-certificate', ['node'], (request) =>
      unlessDiskIsFull(deps.logger, 'renew-certificate', () => renew(deps, request)),
    ),
  );
  return handlers;
}

async function join(deps: AdmissionDependencies, perKey: KeyedMutex, body: unknown): Promise<Outcome<JoinAnswer>> {
  const request = checkJoin(body);
  if (!request.ok) return request;
  const opened = deps.tokens.check(request.value.tokenId, request.value.secret);
  if (!opened.ok) return noteRefusal(deps, request.value, opened.failure);
  const keyDigest = await digestOfRequest(deps.pki, request.value.certificateRequest);
  if (!keyDigest.ok) return keyDigest;
  const lock = await perKey.acquire(keyDigest.value);
  if (!lock) return failed(spokenFailure('Busy', admissionSentence('joinsBusy', {})));
  try {
    const joined = await unlessDiskIsFull(deps.logger, 'join', () => joinAlone(deps, request.value, keyDigest.value));
    return joined.ok ? joined : noteRefusal(deps, request.value, joined.failure);
  } finally {
    lock.dispose();
  }
}

async function joinAlone(deps: AdmissionDependencies, request: JoinRequest, keyDigest: string): Promise<Outcome<JoinAnswer>> {
  const { registry, tokens } = deps;
  const admitted = (): Outcome<void> => {
    const token = tokens.check(request.tokenId, request.secret, keyDigest);
    return token.ok ? nameIsFree(registry, request.parameters.name, keyDigest) : token;
  };
  const first = admitted();
  if (!first.ok) return first;
  const addresses = await checkAddresses(request.addresses, deps.resolveHost);
  if (!addresses.ok) return addresses;
  const known = registry.byKeyDigest(keyDigest);
  if (known) {
    const alone = await mayTakeOver(deps, known, request.instanceId);
    if (!alone.ok) return alone;
  }
  const nodeId = known?.entry.id ?? randomHex(deps.random, 8);
  const certificate = await issueFor(deps, nodeId, request.certificateRequest, request.addresses);
  if (!certificate.ok) return certificate;
  // Others have joined, and the token may have been revoked, while the certificate was made.
  const second = admitted();
  if (!second.ok) return second;
  enter(deps, known, nodeId, keyDigest, request, expiryOf(deps, certificate.value));
  return success(await joinAnswer(deps, nodeId, certificate.value));
}

/** Anybody can send a wrong token, so such events are few: one a minute and code. */
function noteRefusal(deps: AdmissionDependencies, request: JoinRequest, reason: Failure): Outcome<never> {
  deps.refusals.note(reason.code, () => {
    const { name } = request.parameters;
    deps.events.append({
      ...eventText('tokenRefused', { name, reason: passedOn(reason) }),
      severity: 'warning',
      subject: name,
      data: { code: reason.code },
    });
  });
  return failed(reason);
}

function enter(
  deps: AdmissionDependencies,
  known: NodeRecord | undefined,
  id: string,
  publicKeyDigest: string,
  request: JoinRequest,
  certificateExpiresAtMs: number,
): void {
  const { parameters, addresses, instanceId } = request;
  const use: DocumentChange[] = [deps.tokens.used(request.tokenId, publicKeyDigest, parameters.name)];
  if (known) {
    deps.registry.update(id, { parameters, addresses, instanceId, certificateExpiresAtMs }, use);
    return;
  }
  deps.registry.add({ id, publicKeyDigest, parameters, addresses, instanceId, certificateExpiresAtMs }, use);
  const { name, provider, region, zone } = parameters;
  deps.events.append({
    ...eventText('nodeJoined', { name, provider, region, zone }),
    severity: 'info',
    subject: name,
    data: { nodeId: id },
  });
}

async function joinAnswer(deps: AdmissionDependencies, nodeId: string, certificate: string): Promise<JoinAnswer> {
  const secrets = deps.secrets();
  const membership = await deps.signedList.updateSince(0);
  deps.noteVersion(nodeId, membership.version);
  return {
    nodeId,
    certificate,
    caCertificate: secrets.authorityCertificatePem,
    controllerCertificate: secrets.controllerCertificatePem,
    genesis: secrets.genesis,
    membership,
  };
}

async function announce(deps: AdmissionDependencies, perKey: KeyedMutex, request: ClusterRpcRequest): Promise<Outcome<AnnounceAnswer>> {
  const body = checkAnnounce(request.body);
  if (!body.ok) return body;
  const { from } = request;
  if (from.kind === 'node' && deps.registry.get(from.nodeId) === undefined) {
    const { parameters, addresses } = body.value;
    const checked = await checkAddresses(addresses, deps.resolveHost);
    if (!checked.ok) return checked;
    await deps.onStranger({ nodeId: from.nodeId, name: parameters.name, url: addresses.cluster });
  }
  const found = callerOf(deps, from);
  if (!found.ok) return found;
  const { publicKeyDigest, id } = found.value.entry;
  const lock = await perKey.acquire(publicKeyDigest);
  if (!lock) return failed(failure('Busy', 'Too many announcements of this node wait already. Try again in a second.'));
  try {
    const { parameters, addresses, instanceId, membershipVersion } = body.value;
    const checked = await checkAddresses(addresses, deps.resolveHost);
    if (!checked.ok) return checked;
    const alone = await mayTakeOver(deps, found.value, instanceId);
    if (!alone.ok) return alone;
    const free = nameIsFree(deps.registry, parameters.name, publicKeyDigest);
    if (!free.ok) return free;
    deps.registry.update(id, { parameters, addresses, instanceId });
    // Afterwards: an announcement that the disk does not take is repeated, and its return is told once.
    noteReturn(deps, found.value, body.value);
    const membership = await deps.signedList.updateSince(membershipVersion);
    deps.noteVersion(id, membership.version);
    const certificateEpoch = deps.activeCertificate();
    return success(certificateEpoch ? { membership, certificateEpoch } : { membership });
  } finally {
    lock.dispose();
  }
}

function noteReturn(deps: AdmissionDependencies, known: NodeRecord, request: AnnounceRequest): void {
  const { id, addresses } = known.entry;
  const { name } = request.parameters;
  // Not where the node was taken over from the list of another: nobody knows whether it was started again.
  if (known.instanceId !== '' && known.instanceId !== request.instanceId) {
    deps.events.append({ ...eventText('nodeRestarted', { name }), severity: 'info', subject: name, data: { nodeId: id } });
  }
  if (addresses.cluster !== request.addresses.cluster) {
    const said = eventText('nodeAddresses', { name, address: request.addresses.cluster, before: addresses.cluster });
    deps.events.append({ ...said, severity: 'info', subject: name, data: { nodeId: id } });
  }
}

async function membershipSince(deps: AdmissionDependencies, request: ClusterRpcRequest): Promise<Outcome<MembershipUpdate>> {
  const body = checkSince(request.body);
  if (!body.ok) return body;
  const found = callerOf(deps, request.from);
  if (!found.ok) return found;
  return success(await deps.signedList.updateSince(body.value.version));
}

async function renew(deps: AdmissionDependencies, request: ClusterRpcRequest): Promise<Outcome<RenewAnswer>> {
  const body = checkRenew(request.body);
  if (!body.ok) return body;
  const found = callerOf(deps, request.from);
  if (!found.ok) return found;
  const { id, publicKeyDigest, addresses } = found.value.entry;
  const keyDigest = await digestOfRequest(deps.pki, body.value.certificateRequest);
  if (!keyDigest.ok) return keyDigest;
  if (keyDigest.value !== publicKeyDigest) {
    return failed(
      failure(
        'AccessDenied',
        `The certificate request has another key (${keyDigest.value.slice(0, 12)}…) than node ${id}. A node keeps its key; with a new key it must join anew.`,
      ),
    );
  }
  const certificate = await issueFor(deps, id, body.value.certificateRequest, addresses);
  if (!certificate.ok) return certificate;
  deps.registry.update(id, { certificateExpiresAtMs: expiryOf(deps, certificate.value) });
  return success({ certificate: certificate.value });
}

function callerOf(deps: AdmissionDependencies, from: ClusterIdentity): Outcome<NodeRecord> {
  const record = from.kind === 'node' ? deps.registry.get(from.nodeId) : undefined;
  if (record && !deps.registry.isRevoked(record.entry.id)) return success(record);
  const who = from.kind === 'node' ? `node ${from.nodeId}` : `a ${from.kind} caller`;
  if (from.kind === 'node' && !record)
    // Not refused for good: a Controller that was started from an older copy of its data hears of it sooner or later.
    return failed(
      failure(
        'NotReady',
        `The Controller does not know ${who} yet. Perhaps it was started from an older copy of its data: it asks the other nodes.`,
      ),
    );
  return failed(
    failure(
      'Revoked',
      `This cluster does not take ${who}: it was removed or fenced. Join anew with a fresh data directory and a new token.`,
    ),
  );
}

function nameIsFree(registry: Registry, name: string, keyDigest: string): Outcome<void> {
  const holder = registry.byName(name);
  if (!holder || holder.entry.state === 'removed' || holder.entry.publicKeyDigest === keyDigest) return success(undefined);
  return failed(
    spokenFailure(
      'NameTaken',
      admissionSentence('nameTaken', {
        named: JSON.stringify(name),
        id: holder.entry.id,
        address: holder.entry.addresses.cluster,
      }),
    ),
  );
}

/** Two processes with one key would hand out ballots twice: the second must wait until the first is silent. */
async function mayTakeOver(deps: AdmissionDependencies, known: NodeRecord, instanceId: string): Promise<Outcome<void>> {
  const { id, parameters, addresses } = known.entry;
  if (deps.registry.isRevoked(id)) {
    return failed(spokenFailure('Revoked', admissionSentence('wasRemoved', { name: parameters.name, id })));
  }
  if (known.instanceId === instanceId) return success(undefined);
  const target = { url: addresses.cluster, expected: { kind: 'node', nodeId: id } } as const;
  const answer = await deps.rpc.call(target, 'status', { askAbout: [] }, { timeoutMs: stillAnswersTimeoutMs });
  const status = answer.ok ? checkStatus(answer.value) : answer;
  if (!status.ok || status.value.instanceId === instanceId) return success(undefined);
  return failed(
    spokenFailure('NodeStillAnswers', admissionSentence('stillAnswers', { name: parameters.name, id, address: addresses.cluster })),
  );
}

async function issueFor(deps: AdmissionDependencies, id: string, requestPem: string, addresses: NodeAddresses): Promise<Outcome<string>> {
  const secrets = deps.secrets();
  const authority = { keyPem: secrets.authorityKeyPem, certificatePem: secrets.authorityCertificatePem };
  const hosts = [...new Set(Object.values(addresses).map((address) => new URL(address).hostname.replace(/^\[|\]$/g, '')))];
  return asOutcome(() => deps.pki.issue(authority, requestPem, { clusterId: secrets.clusterId, kind: 'node', id, hosts }, nodeValidDays));
}

function expiryOf(deps: AdmissionDependencies, certificatePem: string): number {
  return deps.pki.inspect(certificatePem)?.notAfterMs ?? Math.floor(deps.clock.nowMs());
}

/** Whatever cannot be read as a request is the caller's mistake, whichever way the library says so. */
async function digestOfRequest(pki: Pki, requestPem: string): Promise<Outcome<string>> {
  try {
    return success(await pki.publicKeyDigest(requestPem));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(spokenFailure('InvalidArgument', admissionSentence('unreadableRequest', { reason })));
  }
}

async function asOutcome<T>(task: () => Promise<T>): Promise<Outcome<T, Failure>> {
  try {
    return success(await task());
  } catch (error) {
    if (error instanceof FailureError) return failed(error.failure);
    throw error;
  }
}
