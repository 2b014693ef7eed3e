import { describe, expect, it } from 'vitest';
import { success, unwrap } from '../../base/outcome.ts';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { NodeRecord } from '../registry/node-record.ts';
import { computeRings } from './plan.ts';
import { createRecovery, type Recovery, type RecoveryDeps } from './recovery.ts';

type Seen =
  'serving' | 'waiting' | 'fenced' | 'down' | 'drained and dead' | 'drained, its peers reach it' | 'waited, but does not answer now';

interface Scene {
  readonly nodes: Readonly<Record<string, Seen>>;
  /** Given up in the midst of the change to the present epoch, so still among its members. */
  readonly givenUp?: readonly string[];
  /** Members of the epoch before, while it is being left. */
  readonly before?: readonly string[];
}

const servingOf = {
  serving: 'serving',
  waiting: 'waiting-for-boot-record',
  fenced: 'fenced',
  down: 'serving',
  'drained and dead': 'serving',
  'drained, its peers reach it': 'serving',
  'waited, but does not answer now': 'waiting-for-boot-record',
} as const;
const stateOf = (seen: Seen): NodeRecord['entry']['state'] =>
  seen === 'down' ? 'down' : seen.startsWith('drained') ? 'draining' : 'healthy';
const waits = '1 of 2 other nodes have recorded this start; 2 are needed.';

/** A cluster in which every node but those of `before` is a member of the rings, and what was given up in it. */
function sceneOf({ nodes, givenUp = [], before }: Scene): { readonly recovery: Recovery; readonly given: string[][] } {
  const proposalOf = (names: readonly string[], epoch: number): EpochProposal => ({
    format: 1,
    clusterId: 'c'.repeat(16),
    epoch,
    attempt: 1,
    members: names.map((id) => ({ id, name: id, zone: id, weight: 100 })),
    partitionPower: 6,
    replicas: 3,
    membershipVersion: 1,
  });
  const signature = { certificate: '', signature: '' };
  const proposal = {
    ...proposalOf(Object.keys(nodes), 2),
    ...(givenUp.length > 0 && { recovery: { givenUp: [...givenUp], ...signature } }),
  };
  const rings = computeRings(proposal, 'ab'.repeat(16), null);
  const leaving = before && computeRings(proposalOf(before, 1), 'ab'.repeat(16), null);
  const given: string[][] = [];
  const record = (id: string): NodeRecord | undefined =>
    nodes[id] && ({ entry: { id, parameters: { name: id }, state: stateOf(nodes[id]) } } as NodeRecord);
  const recovery = createRecovery({
    clusterName: 'mcos',
    registry: { get: record } as RecoveryDeps['registry'],
    rings: {
      certificate: { format: 1, proposal, digest: rings.digest, phase: 'active', acknowledgements: [] },
      active: () => rings,
      leaving: () => leaving,
      recover: (_by, ids) => {
        given.push([...ids]);
        return Promise.resolve(success({} as RingChangeView));
      },
    },
    health: {
      answers: (id) => nodes[id] === 'serving' || nodes[id] === 'waiting' || nodes[id] === 'fenced',
      isUnreachable: (id) => nodes[id] === 'down' || nodes[id] === 'drained and dead',
      of: (id) => {
        const status = { serving: servingOf[nodes[id] ?? 'down'], servingReason: waits } as StatusAnswer;
        return { evidence: { sentence: 'evidence' }, status } as ReturnType<RecoveryDeps['health']['of']>;
      },
    },
    nodeCalls: { call: () => Promise.resolve(success({ names: [], next: null })) } as unknown as RecoveryDeps['nodeCalls'],
  });
  return { recovery, given };
}

const viewOf = async (scene: Scene) => unwrap(await sceneOf(scene).recovery.view());
const giveUp = (clusterName: string, names: string[]) => ({ acceptDataLoss: true, clusterName, giveUp: names }) as const;
const names = (nodes: readonly { readonly name: string }[]): string[] => nodes.map(({ name }) => name);

describe('a member that waits for its start to be recorded', () => {
  it('is not lost with the lost one when enough others are there to record it, and nobody is given up for it', async () => {
    const { recovery, given } = sceneOf({ nodes: { a: 'waiting', b: 'serving', c: 'serving', d: 'serving', e: 'down' } });
    const view = unwrap(await recovery.view());
    expect(view).toMatchObject({ needed: false, stuckNodes: [], names: [] });
    expect(names(view.lostNodes)).toEqual(['e']);
    expect(await recovery.start('admin', giveUp('mcos', ['e']))).toMatchObject({ ok: false, failure: { code: 'Conflict' } });
    expect(given).toEqual([]);
  });

  it('is stuck, and not lost, when half or more of the others are lost: what it holds counts as held', async () => {
    const { recovery, given } = sceneOf({ nodes: { a: 'waiting', b: 'waiting', c: 'down' } });
    const view = unwrap(await recovery.view());
    expect(view.needed).toBe(true);
    expect(names(view.lostNodes)).toEqual(['c']);
    expect(view.stuckNodes).toEqual(['a', 'b'].map((id) => ({ nodeId: id, name: id, reason: waits })));
    expect(view.rings.map(({ majorityLost, allLost }) => [majorityLost, allLost])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(await recovery.start('admin', giveUp('mcos', ['c']))).toMatchObject({ ok: true });
    expect(given).toEqual([['c']]);
  });

  it('is stuck with two of five lost, or with one lost and one fenced, which records nobody either', async () => {
    const two = await viewOf({ nodes: { a: 'waiting', b: 'serving', c: 'serving', d: 'down', e: 'down' } });
    expect(names(two.stuckNodes)).toEqual(['a']);
    expect(two.needed).toBe(true);
    const fenced = await viewOf({ nodes: { a: 'waiting', b: 'serving', c: 'serving', d: 'fenced', e: 'down' } });
    expect(names(fenced.stuckNodes)).toEqual(['a']);
  });

  it('is told of only while it says so itself', async () => {
    expect((await viewOf({ nodes: { a: 'waited, but does not answer now', b: 'serving', c: 'down' } })).stuckNodes).toEqual([]);
  });

  it('is not kept waiting by members that are given up already', async () => {
    const nodes = { a: 'waiting', b: 'serving', c: 'serving', d: 'down', e: 'down' } as const;
    expect((await viewOf({ nodes, givenUp: ['d', 'e'] })).stuckNodes).toEqual([]);
  });

  it('is kept waiting by those of the epoch before until that is left', async () => {
    const nodes = { a: 'waiting', b: 'serving', c: 'down', d: 'serving', e: 'serving' } as const;
    expect((await viewOf({ nodes })).stuckNodes).toEqual([]);
    expect(names((await viewOf({ nodes, before: ['a', 'b', 'c'] })).stuckNodes)).toEqual(['a']);
  });
});

describe('a member that is being drained', () => {
  it('is lost as well when its machine dies, and keeps others waiting', async () => {
    const { recovery, given } = sceneOf({ nodes: { a: 'waiting', b: 'serving', c: 'drained and dead' } });
    const view = unwrap(await recovery.view());
    expect(view.needed).toBe(true);
    expect(view.lostNodes).toEqual([{ nodeId: 'c', name: 'c', state: 'draining', evidence: 'evidence' }]);
    expect(names(view.stuckNodes)).toEqual(['a']);
    expect(await recovery.start('admin', giveUp('mcos', ['c']))).toMatchObject({ ok: true });
    expect(given).toEqual([['c']]);
  });

  it('takes the majority with it like any other', async () => {
    const { recovery, given } = sceneOf({ nodes: { a: 'serving', b: 'drained and dead', c: 'drained and dead' } });
    const view = unwrap(await recovery.view());
    expect(view.needed).toBe(true);
    for (const { partitions, majorityLost } of view.rings) expect(majorityLost).toBe(partitions);
    expect(await recovery.start('admin', giveUp('mcos', ['b', 'c']))).toMatchObject({ ok: true });
    expect(given).toEqual([['b', 'c']]);
  });

  it('is not given up while it answers, or its peers reach it', async () => {
    const { recovery, given } = sceneOf({ nodes: { a: 'waiting', b: 'serving', c: 'drained, its peers reach it' } });
    expect(unwrap(await recovery.view())).toMatchObject({ needed: false, lostNodes: [], stuckNodes: [] });
    expect(await recovery.start('admin', giveUp('mcos', ['c']))).toMatchObject({ ok: false, failure: { code: 'Conflict' } });
    expect(given).toEqual([]);
  });
});

it('counts what is lost with the lost nodes alone', async () => {
  const view = await viewOf({ nodes: { a: 'waiting', b: 'down', c: 'down' } });
  expect(names(view.stuckNodes)).toEqual(['a']);
  for (const { partitions, majorityLost, allLost } of view.rings) expect([majorityLost, allLost]).toEqual([partitions, 0]);
});

it('is refused for another cluster, and for others than are lost', async () => {
  const { recovery, given } = sceneOf({ nodes: { a: 'serving', b: 'down', c: 'down' } });
  expect(await recovery.start('admin', giveUp('other', ['b', 'c']))).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
  expect(await recovery.start('admin', giveUp('mcos', ['b']))).toMatchObject({ ok: false, failure: { code: 'PlanOutdated' } });
  expect(given).toEqual([]);
});

it('names of a thousand others that are lost the first that were not named, and shows that there are more', async () => {
  const ids = Array.from({ length: 40 }, (_, index) => `n${String(index).padStart(2, '0')}`);
  const { recovery } = sceneOf({ nodes: { a: 'serving', ...Object.fromEntries(ids.map((id): [string, Seen] => [id, 'down'])) } });
  const refused = await recovery.start('admin', giveUp('mcos', ids.slice(0, -1)));
  expect(refused).toMatchObject({ ok: false, failure: { code: 'PlanOutdated', details: { lost: ids } } });
  if (!refused.ok)
    expect(refused.failure.message).toContain('that are lost now are n39, n00, n01, n02, n03, n04, n05, n06, n07, n08, …, not n00,');
});
