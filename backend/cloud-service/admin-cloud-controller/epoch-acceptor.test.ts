import { describe, expect, it } from 'vitest';
import { unwrap, type Outcome } from '../../base/outcome.ts';
import { EpochChangeRequest, type EpochChangeAnswer } from '../../contracts/epoch-change.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import { utf8 } from '../../base/bytes.ts';
import { replicaIds } from '../../epochs/replicas.ts';
import { testNodeId } from '../testing/test-authority.ts';
import { createTestEpochs, type TestMember } from '../testing/test-epochs.ts';
import type { EpochState } from './epoch-state.ts';
import { createMessageChecker } from './message.ts';

function kindOf(outcome: Outcome<EpochChangeAnswer>): string {
  return outcome.ok ? outcome.value.kind : outcome.failure.code;
}

const low = { counter: 1, proposer: '0'.repeat(16) };
const high = { counter: 2, proposer: '0'.repeat(16) };

describe('the epoch register at a member', () => {
  it('promises upwards only, over restarts too, and shows what it has accepted', async () => {
    const { at, first, choiceOf } = await createTestEpochs();
    expect(unwrap(await at(0).acceptor.prepare(2, high))).toEqual({ kind: 'promised', accepted: null });
    const again = await at(0).reopen();
    expect(unwrap(await again.acceptor.prepare(2, low))).toEqual({ kind: 'refused', promised: high });
    expect(kindOf(await again.acceptor.accept(low, choiceOf(first, [1, 2, 4])))).toBe('refused');
    const choice = choiceOf(first, [1, 2, 4]);
    expect(again.acceptor.hasAccepted).toBe(false);
    expect(kindOf(await again.acceptor.accept(high, choice))).toBe('accepted');
    const later = await again.reopen();
    expect(later.acceptor.hasAccepted).toBe(true);
    expect(unwrap(await later.acceptor.prepare(2, { ...high, counter: 3 }))).toEqual({
      kind: 'promised',
      accepted: { ballot: high, choice },
    });
  });

  it('accepts nothing without a majority of the new members behind it, of another digest, or out of turn', async () => {
    const { at, first, choiceOf } = await createTestEpochs();
    const choice = choiceOf(first, [1, 2, 4]);
    expect(kindOf(await at(0).acceptor.accept(low, { ...choice, confirmedBy: [testNodeId(1), testNodeId(3)] }))).toBe('EpochConflict');
    expect(kindOf(await at(0).acceptor.accept(low, { ...choice, digest: '0'.repeat(64) }))).toBe('DigestMismatch');
    expect(kindOf(await at(0).acceptor.prepare(3, low))).toBe('behind');
    expect(kindOf(await at(3).acceptor.prepare(2, low))).toBe('behind');
    expect(kindOf(await at(0).acceptor.accept(low, { ...choice, proposal: { ...choice.proposal, epoch: 3 } }))).toBe('behind');
  });
});

describe('a later epoch that makes no sense', () => {
  it('is refused by every member, which stores nothing', async () => {
    const { at, newcomer, first, choiceOf } = await createTestEpochs();
    const { proposal } = choiceOf(first, [1, 2, 4]);
    const [one, two] = proposal.members;
    if (one === undefined || two === undefined) throw new Error('no members');
    const bad: [Partial<EpochProposal>, string, string][] = [
      [{ members: [one, two, { ...one, name: 'again' }] }, 'InvalidArgument', 'again (0000000000000001) is named twice'],
      [{ members: proposal.members.map((member, index) => ({ ...member, weight: index })) }, 'InvalidArgument', 'there are 2'],
      [{ replicas: 4 }, 'InvalidArgument', '4 replicas'],
      [{ partitionPower: 5 }, 'InvalidArgument', 'may not fall from 2^6 to 2^5'],
      [{ clusterId: 'cd'.repeat(16) }, 'WrongCluster', 'cd'.repeat(16)],
      [{ previousDigest: '0'.repeat(64) }, 'EpochConflict', '0'.repeat(64)],
    ];
    const previous = at(0).state.encodedRings(first.digest);
    for (const [changes, code, said] of bad) {
      for (const member of [at(0), await newcomer(4)]) {
        const outcome = member.state.computeNext({ ...proposal, ...changes }, previous);
        expect(outcome).toMatchObject({ ok: false, failure: { code } });
        expect(outcome.ok ? '' : outcome.failure.message).toContain(said);
      }
      const choice = { ...choiceOf(first, [1, 2, 4]), proposal: { ...proposal, ...changes } };
      expect((await at(0).acceptor.accept(low, choice)).ok).toBe(false);
    }
    expect(at(0).acceptor.hasAccepted).toBe(false);
    expect(unwrap(await at(0).acceptor.prepare(2, high))).toEqual({ kind: 'promised', accepted: null });
  });

  it.each([
    ['partitionPower', 0],
    ['partitionPower', 19],
    ['partitionPower', 2.5],
    ['replicas', 0],
    ['replicas', 6],
    ['weight', -1],
    ['weight', 1.5],
    ['weight', 'heavy'],
    ['members', []],
  ])('is no message at all with %s %j', async (field, value) => {
    const { first, choiceOf } = await createTestEpochs();
    const { proposal } = choiceOf(first, [1, 2, 4]);
    const changed =
      field === 'weight'
        ? { ...proposal, members: proposal.members.map((member) => ({ ...member, weight: value })) }
        : { ...proposal, [field]: value };
    const checker = createMessageChecker('epoch-change', EpochChangeRequest);
    expect(checker.check({ kind: 'confirm', proposal })).toMatchObject({ ok: true });
    expect(checker.check({ kind: 'confirm', proposal: changed })).toMatchObject({ ok: false, failure: { code: 'InvalidArgument' } });
  });
});

describe('a later epoch at a node', () => {
  it('comes in phase by phase, over restarts, and is refused without a majority of the members before', async () => {
    const { at, first, choiceOf, decide } = await createTestEpochs();
    const choice = choiceOf(first, [1, 2, 4]);
    const joint = await decide(first, choice, 1);
    const minority = { ...joint, acknowledgements: joint.acknowledgements.slice(0, 1) };
    expect((await at(1).state.adopt(minority, 'controller')).ok).toBe(false);
    const foreign = { ...joint, decision: { ballot: { counter: 9, proposer: 'ab'.repeat(8) }, predecessor: first.proposal } };
    expect((await at(1).state.adopt(foreign, 'controller')).ok).toBe(false);
    for (const index of [0, 1, 2, 3]) unwrap(await at(index).state.adopt(joint, 'peer', testNodeId(1)));
    expect(at(3).state.regime).toEqual({ epoch: 2, phase: 'joint' });
    expect(at(0).state.active?.certificate.proposal.epoch).toBe(1);
    const reopened = await at(0).reopen();
    expect(reopened.state.current?.previous?.rings.digest).toBe(first.digest);
    expect(reopened.state.current?.rings.digest).toBe(choice.digest);
    const active = await decide(first, { ...choice, phase: 'active' }, 2);
    unwrap(await at(3).state.adopt(active, 'peer'));
    expect(at(3).state.active?.rings.digest).toBe(choice.digest);
    // An older phase changes nothing any more.
    unwrap(await at(3).state.adopt(joint, 'peer'));
    expect(at(3).state.regime).toEqual({ epoch: 2, phase: 'active' });
    expect(kindOf(await at(3).acceptor.prepare(2, high))).toBe('ahead');
  });

  it('takes the rows of partitions along that the node did not hold in every epoch between', async () => {
    const { at, first, choiceOf, decide } = await createTestEpochs();
    const row = { accepted: { epoch: 1, counter: 1, nodeId: testNodeId(1), boot: 1 }, value: { head: utf8('head'), inline: null } };
    const key = { ring: 'object', hash: 5, key: utf8('name') } as const;
    const third = at(2);
    await third.store.write([{ kind: 'register', key, ...row }]);
    const second = choiceOf(first, [1, 2, 4]);
    const away = await decide(first, { ...second, phase: 'active' }, 1);
    for (const index of [0, 1, 2, 3]) unwrap(await at(index).state.adopt(away, 'peer'));
    // It holds nothing any more, and what it had stays until it is dropped in good time …
    expect(third.store.read(key)).toBeDefined();
    const back = await decide(away, choiceOf(away, [1, 2, 3]), 1);
    unwrap(await third.state.adopt(back, 'peer'));
    // … or until it comes back.
    expect(third.store.read(key)).toBeUndefined();
    expect(replicaIds(unwrapRings(third), 0)).toContain(testNodeId(3));
  });
});

function unwrapRings(member: TestMember): NonNullable<EpochState['current']>['rings']['object'] {
  const { current } = member.state;
  if (current === null) throw new Error('no epoch');
  return current.rings.object;
}
