import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../base/logger.ts';
import { unwrap } from '../../base/outcome.ts';
import type { EpochChoice } from '../../contracts/epoch-change.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import { decideEpoch } from '../../epochs/epoch-register.ts';
import { certificateDerBase64 } from '../../epochs/member-signature.ts';
import { electorsOf, recoveryText, regimeOf } from '../../epochs/recovery.ts';
import { verifyChangeCertificate } from '../../epochs/verify-certificate.ts';
import { testNodeId } from '../testing/test-authority.ts';
import { createTestEpochs, type TestMember } from '../testing/test-epochs.ts';
import type { BootRecord } from './boot-record.ts';
import { otherMembers } from './boot-record.ts';
import { createNodeRegisterView } from './node-register-view.ts';

type Epochs = Awaited<ReturnType<typeof createTestEpochs>>;

/** The same rings without these nodes, by the Controller's word. */
async function givingUp(
  { authority }: Epochs,
  { proposal, digest }: EpochChoice,
  numbers: readonly number[],
  round: number,
): Promise<EpochProposal> {
  const givenUp = numbers.map(testNodeId);
  return {
    ...proposal,
    recovery: {
      givenUp,
      round,
      certificate: certificateDerBase64(authority.controllerCertificatePem),
      signature: await authority.pki.sign(authority.controllerKeyPem, recoveryText(proposal, digest, givenUp, round)),
    },
  };
}

function groupsAt({ state }: TestMember): readonly (readonly string[])[] {
  const view = createNodeRegisterView({
    logger: silentLogger,
    selfId: testNodeId(1),
    boot: { number: 1, recordedOf: () => 0 } as unknown as BootRecord,
    epochs: state,
    mayPurge: () => false,
    serving: () => true,
    reachable: () => true,
  });
  return view.groupsOf('object', 5).map((group) => [...group].sort());
}

describe('nodes that are lost in the midst of a change', () => {
  it('are given up in a round of their own, which goes on with whoever is left of both epochs', async () => {
    const epochs = await createTestEpochs();
    const { at, first, choiceOf, decide, authority } = epochs;
    const choice = choiceOf(first, [1, 2, 4]);
    const joint = await decide(first, choice, 1);
    for (const index of [0, 3]) unwrap(await at(index).state.adopt(joint, 'peer'));
    expect(groupsAt(at(0))).toEqual([[1, 2, 3].map(testNodeId), [1, 2, 4].map(testNodeId)]);

    // 2 and 3 are gone: of the members of epoch 1 only the first is left.
    const proposal = await givingUp(epochs, choice, [2, 3], 1);
    const calls = {
      call: async (nodeId: string, request: { kind: string }) => {
        expect(nodeId).toBe(testNodeId(1));
        const { acceptor } = at(0);
        const asked = request as Parameters<Parameters<typeof decideEpoch>[0]['calls']['call']>[1];
        if (asked.kind === 'prepare') return acceptor.prepare(asked.epoch, asked.ballot);
        if (asked.kind === 'accept') return acceptor.accept(asked.ballot, asked.choice);
        throw new Error(request.kind);
      },
    };
    const clock = { nowMs: () => 0, monotonicMs: () => 0, schedule: () => ({ cancel: () => undefined }) };
    const random = { bytes: (length: number) => new Uint8Array(length), fraction: () => 0 };
    const decideWith = (wanted: EpochChoice) =>
      decideEpoch(
        { clock, random, calls, proposer: 'ef'.repeat(8) },
        { predecessor: first, wanted, tries: 2, signal: new AbortController().signal },
      );
    const decision = await decideWith({ ...choice, proposal, phase: 'sync' });
    if (decision.kind !== 'decided') throw new Error(decision.kind);
    const { certificate } = decision;
    expect(regimeOf(certificate)).toEqual({ epoch: 2, phase: 'sync', round: 1 });
    expect(certificate.digest).toBe(choice.digest);
    for (const index of [0, 3]) unwrap(await at(index).state.adopt(certificate, 'peer'));
    expect(at(3).state.regime).toEqual({ epoch: 2, phase: 'sync', round: 1 });
    expect(groupsAt(at(0))).toEqual([[testNodeId(1)], [1, 2, 4].map(testNodeId)]);
    expect(otherMembers(at(0).state, testNodeId(1))).toEqual([[testNodeId(4)], []]);
    // What was before it changes nothing any more, over a restart too.
    const again = await at(0).reopen();
    unwrap(await again.state.adopt(joint, 'peer'));
    expect(again.state.regime).toEqual({ epoch: 2, phase: 'sync', round: 1 });

    // Only the Controller can give up, and only for exactly this round.
    const forged = { ...certificate, proposal: { ...proposal, recovery: { ...proposal.recovery, round: 2 } } } as typeof certificate;
    expect((await verifyChangeCertificate(authority.pki, certificate, authority, first)).ok).toBe(true);
    expect((await verifyChangeCertificate(authority.pki, forged, authority, first)).ok).toBe(false);
    expect(electorsOf(first.proposal, proposal).map(({ id }) => id)).toEqual([testNodeId(1)]);
  });

  it('are not given up for other rings than those that a node works by', async () => {
    const epochs = await createTestEpochs();
    const { at, first, choiceOf, decide } = epochs;
    const joint = await decide(first, choiceOf(first, [1, 2, 4]), 1);
    unwrap(await at(0).state.adopt(joint, 'peer'));
    const other = choiceOf(first, [1, 2, 3, 4]);
    const answer = unwrap(await at(0).acceptor.accept({ counter: 9, proposer: 'ef'.repeat(8) }, other));
    expect(answer).toEqual({ kind: 'ahead', certificate: joint });
  });
});
