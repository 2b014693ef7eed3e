import { describe, expect, it } from 'vitest';
import type { AssignmentView } from '../../../backend/contracts/admin-api.ts';
import { holdersOf, placeAt, pointOf } from './ring-places.ts';
import { decodeAssignment } from './ring-shape.ts';

const view = (indices: number[], partitionPower: number, names = ['a', 'b', 'c', 'd']): AssignmentView => ({
  ring: 'object',
  epoch: 1,
  partitionPower,
  replicas: 3,
  nodes: names.map((name) => ({ nodeId: name, name, zone: name })),
  assignment: Buffer.from(new Uint8Array(Uint16Array.from(indices).buffer)).toString('base64'),
});

describe('places in the drawing of the rings', () => {
  it('every partition is found where it is drawn', () => {
    for (const ring of ['object', 'container', 'account'] as const)
      for (const partition of [0, 1, 255, 256, 511, 1023]) {
        const { x, y } = pointOf(ring, partition, 10);
        expect(placeAt(x, y, () => ({ partitionPower: 10, replicas: 3 }))).toEqual({ ring, partition, lane: 1 });
      }
  });

  it('lanes count from outside; there is nothing between the rings', () => {
    const one = () => ({ partitionPower: 4, replicas: 3 });
    expect(placeAt(0, -291, one)?.lane).toBe(0);
    expect(placeAt(0, -251, one)?.lane).toBe(2);
    expect(placeAt(0, -240, one)).toBeNull();
    expect(placeAt(0, 0, one)).toBeNull();
  });

  it('names the holders of a partition, first replica first', () => {
    const two = view([0, 1, 2, 3, 1, 0], 1);
    expect(holdersOf(two, decodeAssignment(two), 1).map(({ name }) => name)).toEqual(['d', 'b', 'a']);
  });
});
