import type { Clock } from '../../base/clock.ts';
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
/** What came to nothing is not tried again with the same node and list before. */
const againAfterMs = 60_000;
const checkUpdate = validator(MembershipUpdate, 'list of Cloud Services of a node');

export interface ListHolder {
  readonly nodeId: string;
  readonly name: string;
  /** Of its cluster port. */
  readonly url: string;
}

/** Which list a node says it holds. */
type ListShown = Pick<StatusAnswer, 'membershipVersion' | 'membershipDigest'>;

/**
 * A Controller that was started from a copy of its data knows less than its nodes do, and nodes take no list that is older than their own. So
 * wherever a node shows a list that this Controller has not made, as far as it knows, that list is fetched and taken over, if this
 * Controller has signed it.
 */
export interface ListTakeOver {
  /** Looks whether the list that the node says it holds is known here. */
  look(nodeId: string, shown: ListShown): Promise<void>;
  /** Fetches the list that `holder` has and takes over what is new in it. */
  takeOver(holder: ListHolder): Promise<void>;
  stop(): Promise<void>;
}

/** Invariants: one list is being taken over at a time, the others wait; of each node at most one waits. */
export function createListTakeOver(deps: {
  clock: Clock;
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
  let last: Promise<void> = Promise.resolve();
  const waiting = new Map<string, Promise<void>>();
  /** By node: which list of it came to nothing, and when. At most one for every node of the registry. */
  const inVain = new Map<string, { readonly list: string; readonly atMs: number }>();

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

  function inTurn(nodeId: string, work: () => Promise<void>): Promise<void> {
    const before = waiting.get(nodeId);
    if (before !== undefined) return before;
    const turn = last
      .then(() => (abort.signal.aborted ? undefined : work()))
      .catch((error: unknown) => logger.error({ nodeId, error: String(error) }, 'the list of a node could not be taken over'))
      .finally(() => waiting.delete(nodeId));
    waiting.set(nodeId, turn);
    last = turn;
    return turn;
  }

  async function isNews({ membershipVersion, membershipDigest }: ListShown): Promise<boolean> {
    if (membershipVersion !== registry.version) return membershipVersion > registry.version;
    if (membershipDigest === undefined) return false;
    const digest = await deps.signedList.digest();
    return membershipDigest !== digest && membershipVersion >= registry.version;
  }

  return {
    look: async (nodeId, shown) => {
      const record = registry.get(nodeId);
      if (record === undefined || abort.signal.aborted || !(await isNews(shown))) return;
      const list = `${shown.membershipVersion} ${shown.membershipDigest ?? ''}`;
      const before = inVain.get(nodeId);
      const nowMs = deps.clock.monotonicMs();
      if (before?.list === list && nowMs - before.atMs < againAfterMs) return;
      const { name } = record.entry.parameters;
      const { cluster: url } = record.entry.addresses;
      await inTurn(nodeId, async () => {
        if (!(await isNews(shown))) return;
        const { version } = registry;
        await run({ nodeId, name, url });
        if (registry.version === version) inVain.set(nodeId, { list, atMs: nowMs });
        else inVain.delete(nodeId);
      });
    },
    takeOver: (holder) => inTurn(holder.nodeId, () => run(holder)),
    stop: async () => {
      abort.abort();
      await last;
    },
  };
}
