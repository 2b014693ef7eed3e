import { describe, expect, it } from 'vitest';
import { defaultLimits } from '../adapters/network/limits.ts';
import { unwrap } from '../base/outcome.ts';
import { createMessageChecker } from '../cloud-service/admin-cloud-controller/message.ts';
import { EpochChangeRequest, type EncodedRings } from '../contracts/epoch-change.ts';
import { EpochCertificate, type EpochAcknowledgement, type EpochProposal } from '../contracts/epoch.ts';
import { ringNames, type RingName } from '../contracts/ids.ts';
import { buildRingSet } from '../ring/build-ring-set.ts';
import { littleEndian } from '../ring/little-endian.ts';
import { ringSetDigest } from '../ring/ring-digest.ts';
import type { Ring, RingSet } from '../ring/ring.ts';
import { decodeRings, encodeRings } from './ring-codec.ts';

const clusterId = 'ab'.repeat(16);
const seed = '5e'.repeat(16);

function proposalOf(size: number, partitionPower: number, replicas: number, name = (number: number) => `cloud-${number}`): EpochProposal {
  const members = Array.from({ length: size }, (_, index) => ({
    id: index.toString(16).padStart(16, '0'),
    name: name(index),
    zone: name(index % 20),
    weight: 1000,
  }));
  return { format: 1, clusterId, epoch: 1, attempt: 1, members, partitionPower, replicas, membershipVersion: 1 };
}

function ringsOf(proposal: EpochProposal, previous: RingSet | null = null): RingSet {
  const { members: nodes, partitionPower, replicas } = proposal;
  return buildRingSet({ previous, nodes, partitionPower, replicas, seed });
}

describe('rings on their way', () => {
  it.each([
    [3, 1, 1],
    [4, 6, 3],
    [5, 6, 2],
    [128, 10, 3],
    [129, 10, 3],
    [1000, 10, 5],
  ])('of %i members, P %i, R %i arrive as they were', (size, partitionPower, replicas) => {
    const proposal = proposalOf(size, partitionPower, replicas);
    const rings = ringsOf(proposal);
    const arrived = unwrap(decodeRings(JSON.parse(JSON.stringify(encodeRings(proposal, rings))) as EncodedRings));
    expect(arrived.digest).toBe(rings.digest);
    for (const name of ringNames) expect(Buffer.from(arrived[name].assignment.buffer)).toEqual(Buffer.from(rings[name].assignment.buffer));
  });

  it('are read as older versions have stored them', () => {
    const proposal = proposalOf(5, 6, 3);
    const rings = ringsOf(proposal);
    const plain = (name: RingName): string => Buffer.from(littleEndian(rings[name].assignment)).toString('base64');
    const old: EncodedRings = {
      proposal,
      digest: rings.digest,
      account: plain('account'),
      container: plain('container'),
      object: plain('object'),
    };
    expect(unwrap(decodeRings(old)).object).toEqual(rings.object);
  });

  it('are refused when anything of them is another', () => {
    const proposal = proposalOf(5, 6, 3);
    const good = encodeRings(proposal, ringsOf(proposal));
    const bad: EncodedRings[] = [
      { ...good, object: good.account },
      { ...good, object: good.object.slice(4) },
      { ...good, object: '' },
      { ...good, digest: '0'.repeat(64) },
      { ...good, proposal: { ...proposal, partitionPower: 7 } },
    ];
    for (const encoded of bad) expect(decodeRings(encoded)).toMatchObject({ ok: false, failure: { code: 'DigestMismatch' } });
  });

  it('of 1,000 members at P 18 take 4 MB, and a newcomer builds the next on them', () => {
    const proposal = proposalOf(1000, 18, 3);
    const rings = ringsOf(proposal);
    const next = { ...proposalOf(1010, 18, 3), epoch: 2, previousDigest: rings.digest };
    const message = JSON.stringify({ kind: 'confirm', proposal: next, previous: encodeRings(proposal, rings) });
    expect(message.length).toBeLessThan(4_200_000);
    const request = unwrap(createMessageChecker('epoch-change', EpochChangeRequest).check(JSON.parse(message)));
    if (request.kind !== 'confirm' || request.previous === undefined) throw new Error('another message');
    expect(ringsOf(request.proposal, unwrap(decodeRings(request.previous))).digest).toBe(ringsOf(next, rings).digest);
  }, 60_000);
});

describe('the largest messages about rings', () => {
  const longest = (number: number): string => number.toString().padStart(63, 'x');
  const most = Math.min(defaultLimits.rpcBodyBytes, defaultLimits.peerMessageBytes);

  it('are taken by the cluster port and by peers', () => {
    const proposal = proposalOf(20_000, 18, 5, longest);
    const slots = proposal.replicas * 2 ** proposal.partitionPower;
    const assignment = Uint16Array.from({ length: slots }, (_, slot) => slot % 20_000);
    const { partitionPower, replicas, members } = proposal;
    const ring: Ring = { nodes: members.map(({ id, zone, weight }) => ({ id, zone, weight })), partitionPower, replicas, assignment };
    const three = { account: ring, container: ring, object: ring };
    const rings: RingSet = { ...three, digest: ringSetDigest(three) };
    const next = { ...proposal, epoch: 2, previousDigest: rings.digest };
    const confirm = JSON.stringify({ kind: 'confirm', proposal: next, previous: encodeRings(proposal, rings) });
    expect(confirm.length).toBeLessThan(most);
    expect(createMessageChecker('epoch-change', EpochChangeRequest).check(JSON.parse(confirm)).ok).toBe(true);

    // A certificate with one long host name and one address, and a signature of P-256.
    const word = (nodeId: string): EpochAcknowledgement => ({ nodeId, certificate: 'A'.repeat(840), signature: 'A'.repeat(96) });
    const certificate = {
      format: 1,
      proposal,
      digest: rings.digest,
      phase: 'active',
      acknowledgements: members.map(({ id }) => word(id)),
    };
    const text = JSON.stringify({ certificate });
    expect(text.length).toBeLessThan(most);
    expect(createMessageChecker('epoch certificate', EpochCertificate).check(certificate).ok).toBe(true);
  }, 60_000);
});
