import { describe, expect, it } from 'vitest';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { buildRingSet } from '../../ring/build-ring-set.ts';
import type { Rings } from '../rings/rings.ts';
import { assignmentView } from './assignment-view.ts';

const set = buildRingSet({
  previous: null,
  nodes: ['a', 'b', 'c', 'd'].map((id) => ({ id, zone: id, weight: 100 })),
  partitionPower: 10,
  replicas: 3,
  seed: '00112233445566778899aabbccddeeff',
});
const certificate = { proposal: { epoch: 1, members: set.object.nodes.map(({ id }) => ({ id, name: id, zone: id })) } };
const rings: Pick<Rings, 'active' | 'certificate' | 'leaving'> = {
  active: () => set,
  certificate: certificate as unknown as EpochCertificate,
  leaving: () => undefined,
};
const indices = (text: string): Uint16Array => new Uint16Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer);

describe('the assignment of a ring for the console', () => {
  it('tells every partition, in order', () => {
    const told = assignmentView(rings, 'object');
    expect(told.ok && indices(told.value.assignment)).toEqual(set.object.assignment);
    expect(told.ok && told.value.everyNth).toBeUndefined();
  });

  it('tells every n-th partition, so that they are not more than were asked for', () => {
    const told = assignmentView(rings, 'object', 300);
    if (!told.ok) throw new Error(told.failure.message);
    expect(told.value).toMatchObject({ partitionPower: 10, everyNth: 4 });
    const kept = indices(told.value.assignment);
    expect(kept).toHaveLength(256 * 3);
    expect([...kept.subarray(30, 33)]).toEqual([...set.object.assignment.subarray(120, 123)]);
  });

  it('is not to be had before the first rings', () => {
    expect(assignmentView({ ...rings, active: () => undefined }, 'object')).toMatchObject({ ok: false, failure: { code: 'NotReady' } });
  });
});
