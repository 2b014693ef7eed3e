import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTestAuthority, testNodeId, testProposal } from '../cloud-service/testing/test-authority.ts';
import { buildRingSet } from '../ring/build-ring-set.ts';
import { certificateDerBase64 } from './member-signature.ts';
import { electorsOf, givenUpBy, recoveryText, standingReplicas, verifyRecovery } from './recovery.ts';
import { coverage } from './replicas.ts';

const ids = ['a', 'b', 'c', 'd', 'e'];
const sets = fc.subarray(ids).map((list) => new Set(list));

describe('a recovery', () => {
  it('lets the replicas speak that can: a usual majority where there is one, otherwise all that are left', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), sets, (replicas, givenUp) => {
        const group = ids.slice(0, replicas);
        const left = group.filter((id) => !givenUp.has(id));
        const standing = standingReplicas(group, givenUp);
        const majority = Math.floor(standing.length / 2) + 1;
        if (left.length > replicas / 2) expect(standing).toEqual(group);
        else {
          expect(standing).toEqual(left);
          // A majority of what is left is all of it: whatever one of them knows is found.
          if (left.length > 0) expect(majority).toBe(left.length);
        }
      }),
    );
  });

  it('counts a partition as covered when those who speak for it are there', () => {
    const nodes = ids.map((id) => ({ id, zone: id, weight: 1 }));
    const rings = buildRingSet({ previous: null, nodes, partitionPower: 6, replicas: 3, seed: 'ab'.repeat(16) });
    fc.assert(
      fc.property(sets, sets, (given, there) => {
        const { partitions, covered } = coverage(rings, there, given);
        let expected = 0;
        for (const ring of [rings.account, rings.container, rings.object]) {
          for (let base = 0; base < ring.assignment.length; base += 3) {
            const group = [0, 1, 2].map((slot) => ring.nodes[ring.assignment[base + slot] as number]?.id ?? '');
            const standing = standingReplicas(group, given);
            const answering = standing.filter((id) => there.has(id) && !given.has(id)).length;
            if (standing.length === 0 || answering * 2 > standing.length) expected += 1;
          }
        }
        expect([partitions, covered]).toEqual([192, expected]);
      }),
    );
  });

  it('takes the vote from those given up, and only by the word of a Controller of this cluster, for exactly this', async () => {
    const authority = await createTestAuthority();
    const { pki } = authority;
    const plain = { ...testProposal(authority.clusterId, 5), epoch: 2, previousDigest: 'a'.repeat(64) };
    const digest = 'b'.repeat(64);
    const givenUp = [testNodeId(1), testNodeId(2)];
    const sign = async (keyPem: string, certificatePem: string): Promise<NonNullable<(typeof proposal)['recovery']>> => ({
      givenUp,
      certificate: certificateDerBase64(certificatePem),
      signature: await pki.sign(keyPem, recoveryText(plain, digest, givenUp)),
    });
    const proposal: Parameters<typeof verifyRecovery>[1] = plain;
    const good = { ...proposal, recovery: await sign(authority.controllerKeyPem, authority.controllerCertificatePem) };
    const isGood = async (tried: typeof proposal, of = digest): Promise<boolean> => (await verifyRecovery(pki, tried, of, authority)).ok;
    expect(await isGood(proposal)).toBe(true);
    expect(await isGood(good)).toBe(true);
    expect(await isGood(good, 'c'.repeat(64))).toBe(false);
    expect(await isGood({ ...good, recovery: { ...good.recovery, givenUp: [...givenUp, testNodeId(3)] } })).toBe(false);
    expect(await isGood({ ...good, previousDigest: 'd'.repeat(64) })).toBe(false);
    const node = await authority.node(testNodeId(4));
    expect(await isGood({ ...good, recovery: await sign(node.keyPem, node.certificatePem) })).toBe(false);
    const stranger = await createTestAuthority(authority.clusterId);
    expect(await isGood({ ...good, recovery: await sign(stranger.controllerKeyPem, stranger.controllerCertificatePem) })).toBe(false);

    expect([...givenUpBy(good)]).toEqual(givenUp);
    expect(electorsOf(proposal, good).map(({ id }) => id)).toEqual([3, 4, 5].map(testNodeId));
    expect(electorsOf(proposal, proposal)).toHaveLength(5);
  });
});
