import { createSystemRandom } from '../../adapters/system/system-random.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { DocumentStore } from '../../base/document-store.ts';
import { silentLogger } from '../../base/logger.ts';
import { failed, success, unwrap, type Outcome } from '../../base/outcome.ts';
import { ControllerLink } from '../../cloud-service/admin-cloud-controller/controller-link.ts';
import { MembershipList } from '../../cloud-service/admin-cloud-controller/membership-list.ts';
import { takeList } from '../../cloud-service/admin-cloud-controller/take-list.ts';
import { createTestAuthority, memoryDocuments } from '../../cloud-service/testing/test-authority.ts';
import { failure } from '../../contracts/errors.ts';
import type { MembershipUpdate } from '../../contracts/membership.ts';
import { openEventLog } from '../events/event-log.ts';
import { createListTakeOver } from '../membership/list-take-over.ts';
import { createMembershipPusher } from '../membership/pusher.ts';
import { createSignedList } from '../membership/signed-list.ts';
import { openRegistry, type Registry } from '../registry/registry.ts';
import { createManualClock } from './manual-clock.ts';
import { createMemoryDocumentStore } from './memory-document-store.ts';
import { newNode } from './new-node.ts';

const clusterId = 'ab'.repeat(16);
const random = createSystemRandom();

/** What a backup of a Controller's data has of its list. */
export function copyOfList(documents: DocumentStore): DocumentStore {
  const copied = createMemoryDocumentStore();
  for (const collection of ['nodes', 'revocations', 'controller'])
    copied.commit(documents.list<object>(collection).map(({ key, document }) => ({ kind: 'put', collection, key, document })));
  return copied;
}

/** A registry of some nodes, and another one that was started from a copy of its data; `again` starts that one once more. */
export function registryAndCopy(indexes: readonly number[]): { there: Registry; here: Registry; again: () => Registry } {
  const clock = createManualClock();
  const documents = createMemoryDocumentStore();
  const there = openRegistry({ clock, random, documents, clusterId });
  for (const index of indexes) there.add(newNode(index));
  const copied = copyOfList(documents);
  const again = (): Registry => openRegistry({ clock, random, documents: copied, clusterId });
  return { there, here: again(), again };
}

/** The restored Controller's lists over `here`, and node 1, which holds what `there` has told it. The others are away. */
export async function restoredController(here: Registry, there: Registry) {
  const clock = createManualClock();
  const authority = await createTestAuthority(clusterId);
  const { pki } = authority;
  const controllerCertificatePem = (): string => authority.controllerCertificatePem;
  const events = openEventLog({ clock, documents: createMemoryDocumentStore(), logger: silentLogger });
  const told: string[] = [];
  events.onEvent(({ message }) => told.push(message));
  const signedList = createSignedList({ pki, keyPem: authority.controllerKeyPem, current: () => here.membership });
  const list = new MembershipList({ documents: memoryDocuments(), pki, clusterId, controllerCertificatePem });
  unwrap(await list.apply(await authority.update(there.membership)));
  const { id, parameters, addresses, instanceId } = newNode(1);
  const calls: string[] = [];
  /** `silent`: these calls to it are not answered. */
  const node: { isThere: boolean; digest?: string; silent: Set<string> } = { isThere: true, silent: new Set() };

  const toController: ClusterRpcClient['call'] = async (_target, method, body) => {
    calls.push(method);
    if (method === 'membership-since') return success(await signedList.updateSince((body as { version: number }).version));
    return failed(failure('NotFound', 'There is no such call.'));
  };
  const link = new ControllerLink({
    ...{ clock, random, logger: silentLogger, pki, keyPem: authority.controllerKeyPem },
    rpc: { call: toController } as ClusterRpcClient,
    controllerUrl: 'https://127.0.0.1:1',
    certificatePem: controllerCertificatePem,
    announcement: () => ({ parameters, addresses, instanceId, membershipVersion: list.version }),
    onMembership: (update) => takeList({ membership: list, logger: silentLogger }, update),
    onCertificateOfEpoch: () => Promise.resolve(),
    onRenewed: () => Promise.resolve(),
    onRevoked: () => undefined,
  });
  async function answer(method: string, body: unknown): Promise<Outcome<unknown>> {
    calls.push(method);
    if (node.silent.has(method)) return failed(failure('Timeout', 'It did not answer in time.'));
    if (method === 'membership-whole') return success(list.whole());
    const applied = unwrap(await list.apply(body as MembershipUpdate));
    if (applied.kind === 'gap') await link.askMembership(applied.version);
    const { version, digest } = list;
    return success({ version, ...(digest !== undefined && { digest }) });
  }
  const call: ClusterRpcClient['call'] = ({ expected }, method, body) =>
    expected.kind === 'node' && expected.nodeId === id && node.isThere
      ? answer(method, body)
      : Promise.resolve(failed(failure('Unreachable', 'It is away.')));
  const rpc = { call } as ClusterRpcClient;
  const takeOver = createListTakeOver({
    ...{ clock, logger: silentLogger, clusterId, registry: here, signedList, events, rpc, pki, controllerCertificatePem },
  });
  const pusher = createMembershipPusher({
    ...{ clock, logger: silentLogger, registry: here, signedList, rpc },
    random: { fraction: () => 0.5, bytes: (length) => new Uint8Array(length) },
    countPush: () => undefined,
    onOtherHistory: (nodeId) => takeOver.takeOver({ nodeId, name: parameters.name, url: addresses.cluster }),
  });
  /** What a probe finds. */
  const probe = async (): Promise<void> => {
    if (!node.isThere) return;
    const digest = node.digest ?? list.digest;
    pusher.noteVersion(id, list.version);
    await takeOver.look(id, { membershipVersion: list.version, ...(digest === undefined ? {} : { membershipDigest: digest }) });
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => setTimeout(resolve, 1));
  };
  /** Some seconds of probes, pushes and retries. */
  const seconds = async (count: number): Promise<void> => {
    for (let second = 0; second < count; second++) {
      await clock.advance(1000);
      await settle();
      if (second % 2 === 1) await probe();
      await settle();
    }
  };
  return { authority, node, list, calls, told, signedList, pusher, takeOver, probe, seconds };
}
