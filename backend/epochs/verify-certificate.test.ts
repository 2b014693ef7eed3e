import { afterEach, describe, expect, it, vi } from 'vitest';
import type { DocumentStore } from '../base/document-store.ts';
import { FailureError, unwrap, type Outcome } from '../base/outcome.ts';
import { createTestAuthority, memoryDocuments, testNodeId } from '../cloud-service/testing/test-authority.ts';
import { createTestEpochs } from '../cloud-service/testing/test-epochs.ts';
import type { EpochCertificate } from '../contracts/epoch.ts';
import { failure } from '../contracts/errors.ts';
import { openEpochBook } from '../controller/rings/epoch-book.ts';
import { certificateDerBase64, isSignedByMember } from './member-signature.ts';

const dayMs = 24 * 3_600_000;

function moveClock(days: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + days * dayMs });
}

function codeOf(outcome: Outcome<unknown>): string {
  return outcome.ok ? 'ok' : outcome.failure.code;
}

/** Epoch 2, joint and active, decided when everything was new; a year later the third member has missed it all. */
async function aYearLater() {
  const cluster = await createTestEpochs();
  const { first, choiceOf, decide, at } = cluster;
  const choice = choiceOf(first, [1, 2, 4]);
  const joint = await decide(first, choice, 1);
  const active = await decide(first, { ...choice, phase: 'active' }, 2);
  for (const index of [0, 1, 3]) for (const certificate of [joint, active]) unwrap(await at(index).state.adopt(certificate, 'peer'));
  moveClock(365);
  return { ...cluster, joint, active };
}

describe('certificates of epochs that are older than those of the nodes that signed them', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are taken over by newcomers and by whoever was away, in every phase', async () => {
    const { authority, first, joint, active, newcomer, at } = await aYearLater();
    const signer = first.acknowledgements[0]?.certificate ?? '';
    const pem = `-----BEGIN CERTIFICATE-----\n${signer}\n-----END CERTIFICATE-----\n`;
    expect(await authority.pki.isIssuedBy(pem, authority.authorityPem)).toBe(false);

    const fresh = await newcomer(5);
    expect(codeOf(await fresh.state.adopt(first, 'peer'))).toBe('ok');
    expect(codeOf(await (await newcomer(6)).state.adopt(joint, 'peer', testNodeId(1)))).toBe('ok');
    expect(codeOf(await (await newcomer(7)).state.adopt(active, 'controller'))).toBe('ok');
    expect(codeOf(await at(2).state.adopt(joint, 'peer', testNodeId(1)))).toBe('ok');
    expect(codeOf(await at(2).state.adopt(active, 'peer', testNodeId(1)))).toBe('ok');
    for (const member of [fresh, at(2)]) expect((await member.reopen()).state.epoch).toBe(member.state.epoch);
  });

  it('are learned by a Controller that knows nothing of them any more', async () => {
    const { authority, first, active, at } = await aYearLater();
    const { pki, clusterId, authorityPem, genesis } = authority;
    const book = openEpochBook({
      documents: memoryDocuments(),
      pki,
      clusterId,
      authorityPem,
      seed: genesis.seed,
      first: () => first,
      fetchRings: (digest) => Promise.resolve(at(0).state.encodedRings(digest)),
    });
    expect(codeOf(await book.learn(active, 1))).toBe('ok');
    expect(book.current?.certificate).toEqual(active);
  });

  it('are told where the disk is full, and taken over when there is room again', async () => {
    const { authority, first, joint, active, at, newcomer } = await aYearLater();
    const { pki, clusterId, authorityPem, genesis } = authority;
    let isFull = true;
    const disk = (): DocumentStore => {
      const documents = memoryDocuments();
      const commit: DocumentStore['commit'] = (changes) => {
        if (isFull) throw new FailureError(failure('StorageFull', 'planted'));
        documents.commit(changes);
      };
      return { ...documents, commit };
    };
    const fetchRings = (digest: string) => Promise.resolve(at(0).state.encodedRings(digest));
    const book = openEpochBook({ documents: disk(), pki, clusterId, authorityPem, seed: genesis.seed, first: () => first, fetchRings });
    const [early, late] = [(await newcomer(5, disk())).state, (await newcomer(6, disk())).state];
    const take = async (): Promise<string[]> => [
      codeOf(await book.learn(active, 1)),
      codeOf(await early.adopt(first, 'peer')),
      codeOf(await late.adopt(joint, 'peer', testNodeId(1))),
    ];
    expect(await take()).toEqual(['StorageFull', 'StorageFull', 'StorageFull']);
    expect(book.current?.certificate).toEqual(first);
    expect([early.epoch, late.epoch]).toEqual([0, 0]);
    isFull = false;
    expect(await take()).toEqual(['ok', 'ok', 'ok']);
  });

  it('still have to be signed, by the right ones, for exactly this', async () => {
    const { authority, joint, active, newcomer } = await aYearLater();
    const foreigners = await createTestAuthority(authority.clusterId);
    const strangers = await Promise.all(
      joint.acknowledgements.map(async ({ nodeId, signature }) => ({
        nodeId,
        signature,
        certificate: certificateDerBase64((await foreigners.node(nodeId)).certificatePem),
      })),
    );
    const bad: EpochCertificate[] = [
      { ...joint, acknowledgements: strangers },
      { ...joint, acknowledgements: active.acknowledgements },
      { ...joint, acknowledgements: joint.acknowledgements.slice(0, 1) },
      { ...joint, acknowledgements: Array.from({ length: 3 }, () => joint.acknowledgements[0] as (typeof strangers)[number]) },
    ];
    for (const certificate of bad) expect(codeOf(await (await newcomer(5)).state.adopt(certificate, 'peer'))).toBe('EpochConflict');
  });

  it('do not choose their own electors where the epoch before is known', async () => {
    const { joint, at } = await aYearLater();
    const { decision } = joint;
    if (decision === undefined) throw new Error('no decision');
    // One old key is a majority of one: a certificate that says so itself must not be believed.
    const alone = { ...decision.predecessor, members: decision.predecessor.members.slice(0, 1) };
    const forged = {
      ...joint,
      acknowledgements: joint.acknowledgements.slice(0, 1),
      decision: { ...decision, predecessor: { ...alone, members: [...alone.members, ...alone.members, ...alone.members] } },
    };
    expect(codeOf(await at(2).state.adopt(forged, 'peer'))).toBe('EpochConflict');
    expect(codeOf(await at(2).state.adopt({ ...forged, decision: { ...decision, predecessor: alone } }, 'peer'))).not.toBe('ok');
    expect(at(2).state.epoch).toBe(1);
  });

  it('are one thing, a word that is given now another', async () => {
    const { authority, first } = await aYearLater();
    const { pki, clusterId, authorityPem } = authority;
    const id = testNodeId(9);
    const renewed = await authority.node(id);
    const signature = await pki.sign(renewed.keyPem, 'text');
    const word = { nodeId: id, certificate: certificateDerBase64(renewed.certificatePem), signature };
    const cluster = { clusterId, authorityPem };
    expect(await isSignedByMember(pki, word, 'text', cluster, 'fresh')).toBe(true);
    moveClock(91);
    expect(await isSignedByMember(pki, word, 'text', cluster, 'fresh')).toBe(false);
    expect(await isSignedByMember(pki, word, 'text', cluster, 'kept')).toBe(true);
    expect(await isSignedByMember(pki, { ...word, nodeId: first.acknowledgements[0]?.nodeId ?? '' }, 'text', cluster, 'kept')).toBe(false);
  });
});
