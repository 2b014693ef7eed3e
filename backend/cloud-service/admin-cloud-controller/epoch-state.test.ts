import { describe, expect, it } from 'vitest';
import { unwrap, type Outcome } from '../../base/outcome.ts';
import type { EpochAcknowledgement, EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import { createMemoryRegisterStore } from '../testing/memory-register-store.ts';
import { createTestAuthority, memoryDocuments, testNodeId, testProposal, type TestAuthority } from '../testing/test-authority.ts';
import { EpochState, type RingBuilder } from './epoch-state.ts';

const buildRings: RingBuilder = (proposal, seed, previous) =>
  buildRingSet({ previous, nodes: proposal.members, partitionPower: proposal.partitionPower, replicas: proposal.replicas, seed });

async function createMember(
  authority: TestAuthority,
  number: number,
  builder: RingBuilder = buildRings,
): Promise<{ state: EpochState; reopen: () => EpochState }> {
  const documents = memoryDocuments();
  const store = createMemoryRegisterStore();
  const { keyPem, certificatePem } = await authority.node(testNodeId(number));
  const reopen = (): EpochState =>
    new EpochState({
      documents,
      pki: authority.pki,
      selfId: testNodeId(number),
      genesis: authority.genesis,
      authorityPem: authority.authorityPem,
      keyPem,
      certificatePem: () => certificatePem,
      buildRings: builder,
      store,
      fetchRings: () => Promise.resolve(undefined),
    });
  return { state: reopen(), reopen };
}

async function setUp(size = 3) {
  const authority = await createTestAuthority();
  const members = await Promise.all(Array.from({ length: size }, (_, index) => createMember(authority, index + 1)));
  const proposal = testProposal(authority.clusterId, size);
  return {
    authority,
    members,
    first: members[0] as (typeof members)[number],
    proposal,
    digest: buildRings(proposal, authority.genesis.seed, null).digest,
  };
}

async function certificateOf(states: readonly EpochState[], proposal: EpochProposal, digest: string): Promise<EpochCertificate> {
  const acknowledgements: EpochAcknowledgement[] = [];
  for (const state of states) {
    const answer = unwrap(await state.acknowledge(proposal, digest));
    if ('acknowledgement' in answer) acknowledgements.push(answer.acknowledgement);
  }
  return { format: 1, proposal, digest, phase: 'active', acknowledgements };
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

describe('first epoch', () => {
  it('is confirmed, acknowledged by all, adopted, and there after a restart', async () => {
    const { members, first, proposal, digest } = await setUp();
    for (const { state } of members) expect(unwrap(state.confirm(proposal)).digest).toBe(digest);
    const certificate = await certificateOf(
      members.map(({ state }) => state),
      proposal,
      digest,
    );
    for (const { state } of members) unwrap(await state.adopt(certificate, 'peer'));
    expect(first.state.epoch).toBe(1);
    expect(first.reopen().active?.rings.digest).toBe(digest);
    expect(unwrap(await first.state.acknowledge(proposal, digest))).toEqual({ certificate });
    expect(unwrap(await first.state.withdraw(1, 1))).toEqual({ certificate });
  });

  it('needs every acknowledgement, genuine and for exactly this digest', async () => {
    const { authority, members, first, proposal, digest } = await setUp();
    const states = members.map(({ state }) => state);
    const good = await certificateOf(states, proposal, digest);
    const foreigners = await createTestAuthority(authority.clusterId);
    const foreign = await certificateOf(
      [(await createMember(foreigners, 1)).state],
      proposal,
      buildRings(proposal, foreigners.genesis.seed, null).digest,
    );
    const swapped = good.acknowledgements.map((item, index) => ({
      ...item,
      signature: good.acknowledgements[(index + 1) % 3]?.signature ?? '',
    }));
    const bad: EpochCertificate[] = [
      { ...good, acknowledgements: good.acknowledgements.slice(1) },
      { ...good, acknowledgements: [...foreign.acknowledgements, ...good.acknowledgements.slice(1)] },
      { ...good, acknowledgements: swapped },
      { ...good, digest: '0'.repeat(64) },
      { ...good, phase: 'joint' },
      { ...good, proposal: { ...proposal, attempt: 2 } },
    ];
    for (const certificate of bad) expect(codeOf(await first.state.adopt(certificate, 'controller'))).toBe('EpochConflict');
    expect(first.state.active).toBeNull();
    expect(codeOf(await first.state.adopt(good, 'peer'))).toBe('ok');
  });

  it('is refused by a member whose builder differs', async () => {
    const { authority, proposal, digest } = await setUp(5);
    const altered = await createMember(authority, 1, (input, seed, previous) => buildRings(input, `${seed}altered`, previous));
    expect(unwrap(altered.state.confirm(proposal)).digest).not.toBe(digest);
    expect(codeOf(await altered.state.acknowledge(proposal, digest))).toBe('DigestMismatch');
  });

  it('keeps its word over a restart: another attempt only after a withdrawal', async () => {
    const { first, proposal, digest } = await setUp();
    unwrap(await first.state.acknowledge(proposal, digest));
    const second = { ...proposal, attempt: 2 };
    expect(codeOf(await first.reopen().acknowledge(second, digest))).toBe('EpochConflict');
    expect(codeOf(await first.reopen().acknowledge(proposal, digest))).toBe('ok');
    const state = first.reopen();
    expect(unwrap(await state.withdraw(1, 1))).toEqual({ withdrawn: true });
    expect(codeOf(await state.acknowledge(proposal, digest))).toBe('EpochConflict');
    expect(codeOf(await first.reopen().acknowledge(second, digest))).toBe('ok');
  });

  it('never serves a withdrawn attempt on a peer’s word, even after a restart', async () => {
    const { members, first, proposal, digest } = await setUp();
    const certificate = await certificateOf(
      members.map(({ state }) => state),
      proposal,
      digest,
    );
    unwrap(await first.state.withdraw(1, 1));
    const state = first.reopen();
    expect(codeOf(await state.adopt(certificate, 'peer'))).toBe('EpochConflict');
    expect(state.active).toBeNull();
    expect(codeOf(await state.adopt(certificate, 'controller'))).toBe('ok');
  });

  it('is refused for another cluster, for non-members and beyond the first', async () => {
    const { authority, first, proposal } = await setUp();
    expect(codeOf(first.state.confirm({ ...proposal, clusterId: 'cd'.repeat(16) }))).toBe('WrongCluster');
    expect(codeOf(first.state.confirm({ ...proposal, epoch: 2 }))).toBe('EpochConflict');
    const outsider = await createMember(authority, 9);
    expect(codeOf(outsider.state.confirm(proposal))).toBe('InvalidArgument');
  });
});
