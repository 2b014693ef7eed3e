import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { membershipSignatureText, membershipText } from '../../contracts/canonical-json.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { failure } from '../../contracts/errors.ts';
import { eventText } from '../../contracts/event-texts.ts';
import { MembershipUpdate, type Membership } from '../../contracts/membership.ts';
import { sha256Hex } from '../digest.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import type { SignedList } from './signed-list.ts';

const callTimeoutMs = 10_000;
const checkUpdate = validator(MembershipUpdate, 'list of Cloud Services of a node');

export interface ListHolder {
  readonly nodeId: string;
  readonly name: string;
  /** Of its cluster port. */
  readonly url: string;
}

/**
 * A Controller that was started from a copy of its data knows less than its nodes do, and nodes take no list that is older than their own. So
 * wherever a node shows a list that this Controller has not made, as far as it knows, that list is fetched and taken over, if this
 * Controller has signed it.
 */
export interface ListTakeOver {
  /** Looks whether the list that the node says it holds is known here. */
  look(nodeId: string, status: Pick<StatusAnswer, 'membershipVersion' | 'membershipDigest'>): Promise<void>;
  /** Fetches the list that `holder` has and takes over what is new in it. */
  takeOver(holder: ListHolder): Promise<void>;
  stop(): Promise<void>;
}

/** Invariants: one list is being taken over at a time; what is asked for meanwhile waits for that one and is not done again. */
export function createListTakeOver(deps: {
  logger: Logger;
  clusterId: string;
  registry: Registry;
  signedList: SignedList;
  events: EventLog;
  rpc: ClusterRpcClient;
  pki: Pki;
  controllerCertificatePem: () => string;
}): ListTakeOver {
  const { logger, registry, rpc } = deps;
  const abort = new AbortController();
  let running: Promise<void> | undefined;

  async function fetchList({ nodeId, url }: ListHolder): Promise<Outcome<Membership>> {
    const target = { url, expected: { kind: 'node', nodeId } } as const;
    const called = await rpc.call(target, 'membership-whole', {}, { timeoutMs: callTimeoutMs, signal: abort.signal });
    const answer = called.ok ? checkUpdate(called.value) : called;
    if (!answer.ok) return answer;
    const { clusterId, version, changed: nodes, revocations, listDigest, signature } = answer.value;
    const list: Membership = { clusterId, version, nodes, revocations };
    const isSigned =
      clusterId === deps.clusterId &&
      sha256Hex(membershipText(list)) === listDigest &&
      (await deps.pki.verify(deps.controllerCertificatePem(), membershipSignatureText(listDigest), signature));
    return isSigned ? success(list) : failed(failure('WrongCluster', `Its list of version ${version} is not signed by this Controller.`));
  }

  async function run(holder: ListHolder): Promise<void> {
    const { nodeId, name } = holder;
    const fetched = await fetchList(holder);
    if (abort.signal.aborted) return;
    if (!fetched.ok) {
      logger.warn({ nodeId, code: fetched.failure.code }, `the list of a node could not be taken over: ${fetched.failure.message}`);
      return;
    }
    const before = registry.version;
    const taken = registry.takeOver(fetched.value);
    if (taken === undefined) return;
    const held = fetched.value.version;
    const said = eventText('listTakenOver', { name, held: String(held), own: String(before), ...taken });
    deps.events.append({ ...said, severity: 'warning', subject: name, data: { nodeId, held, own: before } });
    logger.warn({ nodeId, held, own: before, ...taken, version: registry.version }, said.message);
  }

  const takeOver = (holder: ListHolder): Promise<void> => {
    running ??= run(holder)
      .catch((error: unknown) => logger.error({ error: String(error) }, 'the list of a node could not be taken over'))
      .finally(() => (running = undefined));
    return running;
  };

  return {
    look: async (nodeId, { membershipVersion, membershipDigest }) => {
      const record = registry.get(nodeId);
      if (record === undefined || membershipVersion < registry.version || abort.signal.aborted) return;
      if (membershipVersion === registry.version) {
        if (membershipDigest === undefined) return;
        const digest = await deps.signedList.digest();
        if (membershipDigest === digest || membershipVersion < registry.version) return;
      }
      await takeOver({ nodeId, name: record.entry.parameters.name, url: record.entry.addresses.cluster });
    },
    takeOver,
    stop: async () => {
      abort.abort();
      await running;
    },
  };
}
