import type { Clock } from '../../base/clock.ts';
import type { ClusterRpcClient } from '../../base/cluster-rpc.ts';
import type { Logger } from '../../base/logger.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import type { Pki } from '../../base/pki.ts';
import { Semaphore } from '../../base/semaphore.ts';
import { lineageSignatureText, membershipSignatureText, membershipText } from '../../contracts/canonical-json.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { failure } from '../../contracts/errors.ts';
import { eventText } from '../../contracts/event-texts.ts';
import { MembershipUpdate, type Membership } from '../../contracts/membership.ts';
import { passedOn } from '../../contracts/passed-on.ts';
import { sha256Hex } from '../digest.ts';
import type { EventLog } from '../events/event-log.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import type { SignedList } from './signed-list.ts';
import { UnfetchedLists } from './unfetched-lists.ts';

const callTimeoutMs = 10_000;
/** A list in which nothing was new is not fetched from the same node again before. */
const againAfterMs = 60_000;
/** Nor is one that could not be fetched. Until it is, nothing that is decided here takes effect at that node. */
const failedAgainAfterMs = 3_000;
/** After a restore all nodes show such lists at once; with the first one everything is known, and a slow node holds up only few. */
const fetchesAtOnce = 8;
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

/**
 * Invariants: at most `fetchesAtOnce` lists are being fetched, and of each node one at most; a list is compared and taken over in one turn, so that
 * no other one comes between; a list counts as seen only when it was compared.
 */
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
  const { logger, registry, rpc, events } = deps;
  const abort = new AbortController();
  const slots = new Semaphore(fetchesAtOnce, Number.MAX_SAFE_INTEGER);
  const running = new Map<string, Promise<void>>();
  /** By node: which list of it came to nothing, and until when it is left alone. At most one for every node of the registry. */
  const inVain = new Map<string, { readonly list: string; readonly untilMs: number }>();
  const unfetched = new UnfetchedLists(deps.clock);

  async function fetchList({ nodeId, url }: ListHolder): Promise<Outcome<Membership>> {
    const target = { url, expected: { kind: 'node', nodeId } } as const;
    const called = await rpc.call(target, 'membership-whole', {}, { timeoutMs: callTimeoutMs, signal: abort.signal });
    const answer = called.ok ? checkUpdate(called.value) : called;
    if (!answer.ok) return answer;
    const { clusterId, version, changed: nodes, revocations, listDigest, signature, lineage } = answer.value;
    const list: Membership = { clusterId, version, nodes, revocations, ...(lineage && { lineage: lineage.starts }) };
    const verify = (text: string, by: string): Promise<boolean> => deps.pki.verify(deps.controllerCertificatePem(), text, by);
    const isSigned =
      clusterId === deps.clusterId &&
      sha256Hex(membershipText(list)) === listDigest &&
      (await verify(membershipSignatureText(listDigest), signature)) &&
      (lineage === undefined || (await verify(lineageSignatureText(listDigest, lineage.starts), lineage.signature)));
    return isSigned ? success(list) : failed(failure('WrongCluster', `Its list of version ${version} is not signed by this Controller.`));
  }

  /** A drain that was begun since the copy: it is not taken over, so the administrator has to begin it again. */
  function hasOtherDrain({ nodes }: Membership): boolean {
    return nodes.some(({ id, state }) => {
      const own = registry.get(id)?.entry.state;
      return state === 'draining' && own !== 'draining' && own !== 'removed';
    });
  }

  async function run(holder: ListHolder): Promise<'taken-over' | 'nothing-new' | 'not-compared'> {
    const { nodeId, name } = holder;
    const fetched = await fetchList(holder);
    if (abort.signal.aborted) return 'not-compared';
    if (!fetched.ok) {
      logger.warn({ nodeId, code: fetched.failure.code }, `the list of a node could not be taken over: ${fetched.failure.message}`);
      // Nothing is held up by whoever is not on the list.
      if (registry.get(nodeId) !== undefined && unfetched.failed(nodeId)) {
        const said = eventText('listNotFetched', { name, reason: passedOn(fetched.failure) });
        events.append({ ...said, severity: 'error', subject: name, data: { nodeId, code: fetched.failure.code } });
      }
      return 'not-compared';
    }
    unfetched.fetched(nodeId);
    const before = registry.version;
    const taken = registry.takeOver(fetched.value);
    if (taken === undefined) return 'nothing-new';
    const held = fetched.value.version;
    const said = eventText('listTakenOver', { name, held: String(held), own: String(before), ...taken });
    if (taken.added + taken.removed + taken.changed > 0 || hasOtherDrain(fetched.value))
      events.append({ ...said, severity: 'warning', subject: name, data: { nodeId, held, own: before } });
    logger.warn({ nodeId, held, own: before, ...taken, version: registry.version }, said.message);
    return 'taken-over';
  }

  async function inSlot(nodeId: string, work: () => Promise<void>): Promise<void> {
    const slot = await slots.acquire();
    try {
      if (!abort.signal.aborted) await work();
    } catch (error) {
      logger.error({ nodeId, error: String(error) }, 'the list of a node could not be taken over');
    } finally {
      slot?.dispose();
    }
  }

  function oncePerNode(nodeId: string, work: () => Promise<void>): Promise<void> {
    const before = running.get(nodeId);
    if (before !== undefined) return before;
    const ended = inSlot(nodeId, work).finally(() => running.delete(nodeId));
    running.set(nodeId, ended);
    return ended;
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
      if (before?.list === list && deps.clock.monotonicMs() < before.untilMs) return;
      const { name } = record.entry.parameters;
      const { cluster: url } = record.entry.addresses;
      await oncePerNode(nodeId, async () => {
        if (!(await isNews(shown))) return;
        const came = await run({ nodeId, name, url });
        const patienceMs = came === 'nothing-new' ? againAfterMs : failedAgainAfterMs;
        if (came === 'taken-over') inVain.delete(nodeId);
        else inVain.set(nodeId, { list, untilMs: deps.clock.monotonicMs() + patienceMs });
      });
    },
    takeOver: (holder) => oncePerNode(holder.nodeId, async () => void (await run(holder))),
    stop: async () => {
      abort.abort();
      await Promise.all(running.values());
    },
  };
}
