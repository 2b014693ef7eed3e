import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import { ObjectsHeldAnswer, type StatusAnswer } from '../../contracts/cluster-messages.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { firstNames } from '../../contracts/ring-texts.ts';
import type { RecoveryRequest, RecoveryView } from '../../contracts/recovery.ts';
import { recordersOf } from '../../epochs/recovery.ts';
import type { NodeCalls } from '../accounts/node-calls.ts';
import type { HealthMonitor } from '../health/health-monitor.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import type { Registry } from '../registry/registry.ts';
import { validator } from '../validate.ts';
import { ringLosses, type RingLoss } from './ring-loss.ts';
import type { Rings } from './rings.ts';
import { stuckMembers } from './stuck-members.ts';

export interface RecoveryDeps {
  readonly clusterName: string;
  readonly registry: Registry;
  readonly rings: Pick<Rings, 'certificate' | 'active' | 'leaving' | 'recover'>;
  readonly health: Pick<HealthMonitor, 'of' | 'answers' | 'isUnreachable'>;
  readonly nodeCalls: Pick<NodeCalls, 'call'>;
}

const mostNames = 1_000;
/** In the refusal to give up others than are lost. */
const mostNamed = 10;
const namesPerPage = 1_000;
/** Of each node; what lies beyond is told as "more". */
const mostPages = 100;
const checkHeld = validator(ObjectsHeldAnswer, 'list of what a node holds');

/**
 * Going on after a majority is lost for good (protocol section 2): first what that would cost, then, on the explicit word, the
 * change. Where the majority was lost in the midst of a change, that is ended first; its rings still have the lost nodes.
 */
export interface Recovery {
  /** Changes nothing. Failure: NotReady before the first rings. */
  view(): Promise<Outcome<RecoveryView>>;
  /** Failures: InvalidArgument (another cluster's name), Conflict (nothing is lost), PlanOutdated (others are lost), TooFewNodes, EpochConflict, QuorumUnavailable. */
  start(startedBy: string, request: RecoveryRequest): Promise<Outcome<RingChangeView>>;
}

export function createRecovery(deps: RecoveryDeps): Recovery {
  const { registry, rings, health } = deps;

  /** Of the rings, and of those before while names are carried over from them. */
  function members(): readonly string[] {
    const before = rings.leaving()?.object.nodes ?? [];
    return [...new Set([...(rings.certificate?.proposal.members ?? []), ...before].map(({ id }) => id))];
  }

  function lostNodes(): readonly NodeRecord[] {
    return members()
      .flatMap((id) => registry.get(id) ?? [])
      .filter(isLost);
  }

  /** Silence does not end a drain, so a dead node that is being drained never becomes down; it is lost all the same. */
  function isLost({ entry: { id, state } }: NodeRecord): boolean {
    return state === 'down' || state === 'removed' || (state === 'draining' && health.isUnreachable(id));
  }

  /** Members that wait in vain: they speak for no partition until the lost ones are back, or given up. */
  function stuckNodes(): readonly NodeRecord[] {
    const { certificate } = rings;
    if (certificate === undefined) return [];
    const before = rings.leaving()?.object.nodes;
    const lost = new Set(lostNodes().map(({ entry }) => entry.id));
    const sayNow = (id: string): StatusAnswer['serving'] | undefined => (health.answers(id) ? health.of(id).status?.serving : undefined);
    const stuck = stuckMembers({
      recorders: recordersOf(certificate.proposal, before && { members: before }),
      isWaiting: (id) => !lost.has(id) && sayNow(id) === 'waiting-for-boot-record',
      recordsNobody: (id) => lost.has(id) || sayNow(id) === 'fenced',
    });
    return stuck.flatMap((id) => registry.get(id) ?? []);
  }

  /** What is without a majority when these are away. */
  function losses(away: readonly NodeRecord[]): RingLoss[] {
    const active = rings.active();
    return active === undefined ? [] : ringLosses(active, new Set(away.map(({ entry }) => entry.id)), rings.leaving());
  }

  /** Stuck nodes alone are no reason to give anybody up: there would be nobody to give up. */
  function isNeeded(): boolean {
    const lost = lostNodes();
    return lost.length > 0 && losses([...lost, ...stuckNodes()]).some(({ majorityLost }) => majorityLost.size > 0);
  }

  async function namesLost(lost: readonly RingLoss[]): Promise<Pick<RecoveryView, 'names' | 'moreNames'>> {
    const partitions = new Map(lost.map(({ ring, majorityLost }) => [ring, majorityLost]));
    const gone = new Set(lostNodes().map(({ entry }) => entry.id));
    const found = new Map<string, RecoveryView['names'][number]>();
    let moreNames = false;
    for (const id of members()) {
      const node = gone.has(id) ? undefined : registry.get(id);
      let after: string | undefined;
      for (let page = 0; node !== undefined && found.size < mostNames; page++) {
        const body = { kind: 'names', limit: namesPerPage, ...(after === undefined ? {} : { after }) };
        const called = await deps.nodeCalls.call(node, 'objects-held', body);
        const held = called.ok ? checkHeld(called.value) : called;
        moreNames ||= !held.ok || page === mostPages;
        if (!held.ok || page === mostPages) break;
        for (const { ring, name, partition, deleted } of held.value.names)
          if (!deleted && partitions.get(ring)?.has(partition) === true) found.set(`${ring} ${name}`, { ring, name });
        if (held.value.next === null) break;
        after = held.value.next;
      }
    }
    return { names: [...found.values()].slice(0, mostNames), moreNames: moreNames || found.size >= mostNames };
  }

  return {
    view: async () => {
      if (rings.certificate === undefined) return failed(spokenFailure('NotReady', refusalSentence('nothingLostYet', {})));
      const gone = lostNodes();
      const lost = gone.length === 0 ? [] : losses(gone);
      const needed = isNeeded();
      return success({
        clusterName: deps.clusterName,
        epoch: rings.certificate.proposal.epoch,
        changing: rings.leaving() !== undefined,
        needed,
        lostNodes: gone.map(({ entry }) => ({
          nodeId: entry.id,
          name: entry.parameters.name,
          state: entry.state,
          evidence: health.of(entry.id).evidence.sentence,
        })),
        stuckNodes: stuckNodes().map(({ entry }) => ({
          nodeId: entry.id,
          name: entry.parameters.name,
          reason: health.of(entry.id).status?.servingReason ?? '',
        })),
        rings: lost.map(({ ring, partitions, majorityLost, allLost }) => ({
          ring,
          partitions,
          majorityLost: majorityLost.size,
          allLost,
        })),
        ...(needed ? await namesLost(lost) : { names: [], moreNames: false }),
      });
    },
    start: async (startedBy, { clusterName, giveUp }) => {
      if (clusterName !== deps.clusterName)
        return failed(spokenFailure('InvalidArgument', refusalSentence('otherCluster', { typed: JSON.stringify(clusterName) })));
      const lost = lostNodes();
      if (!isNeeded()) return failed(spokenFailure('Conflict', refusalSentence('nothingLost', {})));
      const names = lost.map(({ entry }) => entry.parameters.name).sort();
      if (names.join() !== [...giveUp].sort().join()) {
        const said = refusalSentence('otherLost', { lost: unlikeFirst(names, giveUp), names: unlikeFirst([...giveUp].sort(), names) });
        return failed(spokenFailure('PlanOutdated', said, { lost: names }));
      }
      return rings.recover(startedBy, lost.map(({ entry }) => entry.id).sort());
    },
  };
}

/** As many as are worth reading, those in front that the others are without. Pure. */
function unlikeFirst(names: readonly string[], others: readonly string[]): string {
  const known = new Set(others);
  return firstNames([...names.filter((name) => !known.has(name)), ...names.filter((name) => known.has(name))], mostNamed);
}
