import { describe, expect, it } from 'vitest';
import type { Clock } from '../../base/clock.ts';
import { failed, unwrap } from '../../base/outcome.ts';
import type { EpochChoice } from '../../contracts/epoch-change.ts';
import { failure } from '../../contracts/errors.ts';
import type { EpochCalls } from '../../epochs/epoch-calls.ts';
import { finishUnheard, type Unheard } from '../../epochs/finish-unheard.ts';
import { testNodeId } from '../testing/test-authority.ts';
import { createTestEpochs, type TestMember } from '../testing/test-epochs.ts';
import { EpochChangeMember } from './epoch-change-member.ts';

const clock: Clock = {
  nowMs: () => 0,
  monotonicMs: () => 0,
  schedule: (_delayMs, task) => {
    const timer = setImmediate(task);
    return { cancel: () => clearImmediate(timer) };
  },
};
const ballot = (counter: number) => ({ counter, proposer: 'ab'.repeat(8) });

/** The first member asks the three of epoch 1; those of `silent` numbers do not answer. */
async function asked(
  epochs: Awaited<ReturnType<typeof createTestEpochs>>,
  silent: readonly number[],
  own: { ballot: ReturnType<typeof ballot>; choice: EpochChoice },
): Promise<Unheard> {
  const memberOf = ({ state, acceptor }: TestMember, selfId: string): EpochChangeMember =>
    new EpochChangeMember({
      clock,
      epochs: state,
      acceptor,
      carrier: () => undefined,
      starts: { collect: () => Promise.resolve([]), record: () => Promise.resolve() },
      selfId,
    });
  const calls: EpochCalls = {
    call: (nodeId, request) => {
      const index = [1, 2, 3, 4].findIndex((number) => testNodeId(number) === nodeId);
      if (silent.includes(index)) return Promise.resolve(failed(failure('Unreachable', 'planted')));
      return memberOf(epochs.at(index), nodeId).handle(testNodeId(1), request);
    },
  };
  const deps = {
    clock,
    random: { bytes: (length: number) => new Uint8Array(length), fraction: () => 0.5 },
    calls,
    proposer: 'cd'.repeat(8),
  };
  return finishUnheard(deps, epochs.first, own, new AbortController().signal);
}

describe('a change that was accepted, and whose end nobody has told', () => {
  it('is finished when a majority has accepted it, at whatever ballots', async () => {
    const epochs = await createTestEpochs();
    const choice = epochs.choiceOf(epochs.first, [1, 2, 4]);
    unwrap(await epochs.at(0).acceptor.accept(ballot(1), choice));
    unwrap(await epochs.at(1).acceptor.accept(ballot(2), choice));
    const found = await asked(epochs, [], { ballot: ballot(1), choice });
    expect(found).toMatchObject({ kind: 'decided', certificate: { digest: choice.digest, phase: 'joint' } });
    if (found.kind === 'decided') unwrap(await epochs.at(2).state.adopt(found.certificate, 'peer'));
    expect(epochs.at(2).state.regime).toEqual({ epoch: 2, phase: 'joint' });
  });

  it('is left alone when a minority has accepted it and all others say that they have not', async () => {
    const epochs = await createTestEpochs();
    const choice = epochs.choiceOf(epochs.first, [1, 2, 4]);
    unwrap(await epochs.at(0).acceptor.accept(ballot(1), choice));
    expect(await asked(epochs, [], { ballot: ballot(1), choice })).toEqual({ kind: 'open' });
    // Nobody was asked to promise anything, so whoever proposes next is not held up.
    expect(unwrap(await epochs.at(1).acceptor.prepare(2, ballot(1)))).toEqual({ kind: 'promised', accepted: null });
  });

  it('is finished when those who are silent may have accepted it', async () => {
    const epochs = await createTestEpochs();
    const choice = epochs.choiceOf(epochs.first, [1, 2, 4]);
    unwrap(await epochs.at(0).acceptor.accept(ballot(1), choice));
    expect(await asked(epochs, [2], { ballot: ballot(1), choice })).toMatchObject({
      kind: 'decided',
      certificate: { digest: choice.digest },
    });
    expect(await asked(epochs, [1, 2], { ballot: ballot(1), choice })).toMatchObject({ kind: 'unknown' });
  });

  it('gives way to rings that were accepted at a higher ballot', async () => {
    const epochs = await createTestEpochs();
    const choice = epochs.choiceOf(epochs.first, [1, 2, 4]);
    const other = epochs.choiceOf(epochs.first, [1, 2, 3, 4]);
    unwrap(await epochs.at(0).acceptor.accept(ballot(1), choice));
    for (const index of [1, 2]) unwrap(await epochs.at(index).acceptor.accept(ballot(2), other));
    expect(await asked(epochs, [], { ballot: ballot(1), choice })).toMatchObject({
      kind: 'decided',
      certificate: { digest: other.digest },
    });
  });

  it('is taken from whoever works by it already', async () => {
    const epochs = await createTestEpochs();
    const choice = epochs.choiceOf(epochs.first, [1, 2, 4]);
    const active = await epochs.decide(epochs.first, { ...choice, phase: 'active' }, 1);
    unwrap(await epochs.at(1).state.adopt(active, 'peer'));
    expect(await asked(epochs, [], { ballot: ballot(1), choice })).toEqual({ kind: 'decided', certificate: active });
  });
});
