import { describe, expect, it } from 'vitest';
import type { RingPlan, RingShare, RingsView } from '../../contracts/admin-api.ts';
import type { RingsShowAnswer } from '../../contracts/cluster-messages.ts';
import { describeNodeRings, describePlan, describeRings } from './describe-rings.ts';

const byId = ['n10', 'b', 'n2'];
const zoneOf: Record<string, string> = { n10: 'han', b: 'osl', n2: 'fra' };

/** The first two words of every row of the last table. */
function rowsOf(text: string): string[][] {
  const table = text.slice(text.lastIndexOf('NODE')).split('\n\n')[0] ?? '';
  return table.split('\n').map((line) => line.split(/\s+/).slice(0, 2));
}
const expected = [['NODE', 'ZONE'], ...['b', 'n2', 'n10'].map((name) => [name, zoneOf[name]])];

describe('rings as a person reads them', () => {
  it('list Cloud Services by name, each with its zone beside it', () => {
    const shares = byId.map((name, index): RingShare => ({
      index,
      nodeId: `${index}`,
      name,
      zone: zoneOf[name] ?? '',
      weight: 1,
      partitions: 8,
      share: 0.5,
      peers: 2,
    }));
    const view = {
      epoch: 1,
      phase: 'active',
      digest: 'd',
      partitionPower: 4,
      replicas: 3,
      createdAtMs: 0,
      rings: [{ ring: 'object', shares }],
    };
    expect(rowsOf(describeRings(view as unknown as RingsView))).toEqual(expected);
  });

  it('do so for what one node computed, and for a plan', () => {
    const shares = byId.map((name) => ({ name, zone: zoneOf[name], account: 1, container: 1, object: 1 }));
    expect(rowsOf(describeNodeRings({ digest: 'd', epoch: 1, phase: 'active', shares } as unknown as RingsShowAnswer))).toEqual(expected);
    const members = byId.map((name) => ({ name, zone: zoneOf[name], weight: 1, share: 0.5 }));
    const plan = { epoch: 1, digest: 'd', partitionPower: 4, replicas: 3, members, leftOut: [], warnings: [] };
    expect(rowsOf(describePlan(plan as unknown as RingPlan))).toEqual(expected);
  });
});
