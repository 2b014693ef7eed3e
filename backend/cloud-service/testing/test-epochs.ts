import type { DocumentStore } from '../../base/document-store.ts';
import { unwrap } from '../../base/outcome.ts';
import type { EpochChoice } from '../../contracts/epoch-change.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import type { RegisterStore } from '../../register/register-store.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import { EpochAcceptor } from '../admin-cloud-controller/epoch-acceptor.ts';
import { EpochState, type RingBuilder } from '../admin-cloud-controller/epoch-state.ts';
import { createMemoryRegisterStore } from './memory-register-store.ts';
import { createTestAuthority, memoryDocuments, testNodeId, testProposal, type TestAuthority } from './test-authority.ts';

const buildRings: RingBuilder = (proposal, seed, previous) =>
  buildRingSet({ previous, nodes: proposal.members, partitionPower: proposal.partitionPower, replicas: proposal.replicas, seed });

export interface TestMember {
  readonly state: EpochState;
  readonly acceptor: EpochAcceptor;
  readonly store: RegisterStore;
  reopen(): Promise<TestMember>;
}

async function createMember(
  authority: TestAuthority,
  number: number,
  peers: () => readonly TestMember[],
  documents: DocumentStore = memoryDocuments(),
): Promise<TestMember> {
  const store = createMemoryRegisterStore();
  const { keyPem, certificatePem } = await authority.node(testNodeId(number));
  const common = { pki: authority.pki, selfId: testNodeId(number), keyPem, certificatePem: () => certificatePem, store };
  const open = (): TestMember => {
    const { genesis, authorityPem } = authority;
    const fetchRings: ConstructorParameters<typeof EpochState>[0]['fetchRings'] = (digest) =>
      Promise.resolve(
        peers()
          .map(({ state }) => state.encodedRings(digest))
          .find((rings) => rings !== undefined),
      );
    const state = new EpochState({ ...common, documents, genesis, authorityPem, buildRings, fetchRings });
    return {
      state,
      acceptor: new EpochAcceptor({ ...common, cluster: authority, epochs: state }),
      store,
      reopen: () => Promise.resolve(open()),
    };
  };
  return open();
}

/** Four nodes, of which the first three are the members of epoch 1. */
export async function createTestEpochs() {
  const authority = await createTestAuthority();
  const members: TestMember[] = [];
  for (let number = 1; number <= 4; number++) members.push(await createMember(authority, number, () => members));
  const proposal = testProposal(authority.clusterId, 3);
  const { digest } = buildRings(proposal, authority.genesis.seed, null);
  const acknowledgements: EpochAcknowledgement[] = [];
  for (const { state } of members.slice(0, 3)) {
    const answer = unwrap(await state.acknowledge(proposal, digest));
    if ('acknowledgement' in answer) acknowledgements.push(answer.acknowledgement);
  }
  const first: EpochCertificate = { format: 1, proposal, digest, phase: 'active', acknowledgements };
  for (const { state } of members.slice(0, 3)) unwrap(await state.adopt(first, 'peer'));
  const choiceOf = (before: EpochCertificate, numbers: readonly number[], phase: EpochChoice['phase'] = 'joint'): EpochChoice => {
    const wide = testProposal(authority.clusterId, 4);
    const next: EpochProposal = {
      ...wide,
      epoch: before.proposal.epoch + 1,
      members: wide.members.filter(({ id }) => numbers.map(testNodeId).includes(id)),
      previousDigest: before.digest,
    };
    const rings = members[0]?.state.computeNext(next, undefined);
    return {
      proposal: next,
      digest: unwrap(rings as NonNullable<typeof rings>).digest,
      phase,
      confirmedBy: next.members.map(({ id }) => id),
    };
  };
  const decide = async (before: EpochCertificate, choice: EpochChoice, counter: number): Promise<EpochCertificate> => {
    const ballot = { counter, proposer: 'ab'.repeat(8) };
    const signed: EpochAcknowledgement[] = [];
    for (const { acceptor } of members) {
      const answer = await acceptor.accept(ballot, choice);
      if (answer.ok && answer.value.kind === 'accepted') signed.push(answer.value.acknowledgement);
    }
    const { proposal: next, digest: chosen, phase } = choice;
    return {
      format: 1,
      proposal: next,
      digest: chosen,
      phase,
      acknowledgements: signed,
      decision: { ballot, predecessor: before.proposal },
    };
  };
  /** Another node, without any epoch; it gets rings from the others. */
  const newcomer = (number: number, documents?: DocumentStore): Promise<TestMember> =>
    createMember(authority, number, () => members, documents);
  return { authority, members, first, choiceOf, decide, newcomer, at: (index: number): TestMember => members[index] as TestMember };
}
