import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/outcome.ts';
import type { EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';
import type { NodeEntry } from '../../contracts/membership.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import { planLeaving } from '../rings/leave-plan.ts';
import { checkBegin } from './begin-drain.ts';

const seed = 'ab'.repeat(16);
const idOf = (number: number): string => number.toString(16).padStart(16, '0');

function entry(number: number, changes: Partial<NodeEntry> = {}): NodeEntry {
  return {
    id: idOf(number),
    parameters: {
      name: `n${number}`,
      provider: 'p',
      region: 'r',
      zone: `z${number % 2}`,
      capacityBytes: 1 << 30,
      declaredReadBytesPerSecond: 1,
      declaredWriteBytesPerSecond: 1,
    },
    addresses: { cluster: 'https://127.0.0.1:1', s3: 'http://127.0.0.1:1', dashboard: 'http://127.0.0.1:2' },
    state: 'healthy',
    publicKeyDigest: '0'.repeat(64),
    joinedAtMs: 0,
    changedInVersion: 1,
    ...changes,
  };
}

function proposalOf(size: number): EpochProposal {
  const members = Array.from({ length: size }, (_, index) => ({
    id: idOf(index),
    name: `n${index}`,
    zone: `z${index % 2}`,
    weight: 10 + index,
  }));
  return { format: 1, clusterId: 'c'.repeat(16), epoch: 4, attempt: 1, members, partitionPower: 10, replicas: 3, membershipVersion: 9 };
}

function certificateOf(size: number): EpochCertificate {
  return { format: 1, proposal: proposalOf(size), digest: '0'.repeat(64), phase: 'active', acknowledgements: [] };
}

const room = (): { freeBytes: number; usedBytes: number } => ({ freeBytes: 1000, usedBytes: 500 });

describe('whether a drain may begin', () => {
  const others = [1, 2, 3, 4].map((number) => entry(number));

  it('may when enough others stay, and warns when they are all in one zone', () => {
    expect(checkBegin({ node: entry(0), certificate: certificateOf(5), others, refuses: () => false, space: room })).toMatchObject({
      ok: true,
      value: { warnings: [] },
    });
    const alike = others.map((other) => ({ ...other, parameters: { ...other.parameters, zone: 'z0' } }));
    const checked = unwrap(checkBegin({ node: entry(1), certificate: certificateOf(5), others: alike, refuses: () => false, space: room }));
    expect(checked.warnings).toMatchObject([
      { sentence: expect.stringContaining('1 zone left') as string, sentenceKey: 'drain.oneZoneLeft' },
    ]);
  });

  it('may not twice, before the first rings, with too few left, or when the bytes have no room', () => {
    const given = { node: entry(0), certificate: certificateOf(5), others, refuses: () => false, space: room };
    const codeOf = (changes: Partial<typeof given>): string | undefined => {
      const checked = checkBegin({ ...given, ...changes });
      return checked.ok ? undefined : checked.failure.code;
    };
    expect(codeOf({ node: entry(0, { state: 'draining' }) })).toBe('Conflict');
    expect(codeOf({ node: entry(0, { state: 'removed' }) })).toBe('Conflict');
    expect(checkBegin({ ...given, certificate: undefined })).toMatchObject({ ok: false, failure: { code: 'NotReady' } });
    expect(codeOf({ certificate: certificateOf(3), others: others.slice(0, 2) })).toBe('TooFewNodes');
    expect(codeOf({ others: others.map((other, index) => (index < 2 ? { ...other, state: 'draining' as const } : other)) })).toBe(
      'TooFewNodes',
    );
    const crowded = (id: string): { freeBytes: number; usedBytes: number } => ({ freeBytes: 100, usedBytes: id === idOf(0) ? 401 : 0 });
    expect(checkBegin({ ...given, space: crowded })).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
    // The others have 400 bytes free together; one that refuses to serve takes none of it.
    const fitting = (id: string): { freeBytes: number; usedBytes: number } => ({ freeBytes: 100, usedBytes: id === idOf(0) ? 400 : 0 });
    expect(checkBegin({ ...given, space: fitting })).toMatchObject({ ok: true });
    expect(checkBegin({ ...given, space: fitting, refuses: (id) => id === idOf(1) })).toMatchObject({
      ok: false,
      failure: { code: 'StorageFull' },
    });
  });

  it('counts what it holds itself, not what others keep on the same disk', () => {
    const given = { node: entry(0), certificate: certificateOf(5), others, refuses: () => false };
    const holding = (blobBytes: number) => () => ({ freeBytes: 100, usedBytes: 1_000_000, blobBytes });
    expect(checkBegin({ ...given, space: holding(400) })).toMatchObject({ ok: true });
    expect(checkBegin({ ...given, space: holding(401) })).toMatchObject({ ok: false, failure: { code: 'StorageFull' } });
  });
});

describe('the rings without a node', () => {
  it('have everybody else with the same weight, and move nothing but what the leaving one had', () => {
    const proposal = proposalOf(6);
    const rings = buildRingSet({ previous: null, nodes: proposal.members, partitionPower: 10, replicas: 3, seed });
    const gone = idOf(2);
    const planned = unwrap(planLeaving({ proposal, rings }, new Set([gone]), { seed, membershipVersion: 12 }));
    expect(planned.proposal).toMatchObject({ epoch: 5, previousDigest: rings.digest, partitionPower: 10, membershipVersion: 12 });
    expect(planned.proposal.members).toEqual(proposal.members.filter(({ id }) => id !== gone));
    expect(planned.plan.changes).toMatchObject({ added: [], reweighted: [], removed: [{ name: 'n2' }] });
    const idsAt = (set: typeof rings.object, partition: number): string[] =>
      [0, 1, 2].map((replica) => set.nodes[set.assignment[partition * 3 + replica] as number]?.id ?? '');
    let moved = 0;
    let left = 0;
    for (let partition = 0; partition < 1024; partition++) {
      const [before, after] = [idsAt(rings.object, partition), idsAt(planned.rings.object, partition)];
      expect(after).not.toContain(gone);
      if (before.includes(gone)) left += 1;
      moved += after.filter((id) => !before.includes(id)).length;
    }
    expect(moved).toBe(left);
  });

  it('cannot be made when fewer than three are left', () => {
    const proposal = proposalOf(3);
    const rings = buildRingSet({ previous: null, nodes: proposal.members, partitionPower: 10, replicas: 3, seed });
    const planned = planLeaving({ proposal, rings }, new Set([idOf(1)]), { seed, membershipVersion: 12 });
    expect(planned).toMatchObject({ ok: false, failure: { code: 'TooFewNodes' } });
  });
});
