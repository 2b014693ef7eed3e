import { describe, expect, it } from 'vitest';
import type { StatusAnswer } from '../../contracts/cluster-messages.ts';
import { createNodeMetrics } from './node-metrics.ts';

const gib = 2 ** 30;

async function numbersOf(status: Partial<StatusAnswer>, capacityBytes: number): Promise<Map<string, number>> {
  const told = { epoch: 1, membershipVersion: 1, nameCount: 1, blobCount: 1, ...status } as StatusAnswer;
  const text = await createNodeMetrics(() => Promise.resolve(told), capacityBytes)();
  return new Map([...text.matchAll(/^(mcos_\w+) (\S+)$/gm)].map(([, name = '', value]) => [name, Number(value)]));
}

describe('the numbers of a node', () => {
  it('tell what is left of the capacity, however much room its disk has besides', async () => {
    const roomy = await numbersOf({ freeBytes: 900 * gib, blobBytes: 9.5 * gib }, 10 * gib);
    expect(roomy.get('mcos_node_capacity_left_bytes')).toBe(0.5 * gib);
    expect(roomy.get('mcos_node_free_bytes')).toBe(900 * gib);
    const over = await numbersOf({ freeBytes: 900 * gib, blobBytes: 40 * gib }, 10 * gib);
    expect(over.get('mcos_node_capacity_left_bytes')).toBe(0);
  });

  it('tell no more left than the disk has', async () => {
    expect((await numbersOf({ freeBytes: gib, blobBytes: gib }, 10 * gib)).get('mcos_node_capacity_left_bytes')).toBe(gib);
  });

  it('do without the bytes of the blobs as long as they are not counted', async () => {
    expect((await numbersOf({ freeBytes: 4 * gib }, 10 * gib)).get('mcos_node_capacity_left_bytes')).toBe(4 * gib);
  });
});
