import { describe, expect, it } from 'vitest';
import type { RingPlan } from '../../contracts/admin-api.ts';
import { capacityWarnings, shareWarnings } from './plan-warnings.ts';

const membersOf = (all: readonly (readonly [zone: string, weight: number, share: number])[]): RingPlan['members'] =>
  all.map(([zone, weight, share], index) => ({ nodeId: String(index).padStart(16, '0'), name: `n${index}`, zone, weight, share }));
const keysOf = (warnings: ReturnType<typeof shareWarnings>): string[] => warnings.map(({ sentenceKey }) => sentenceKey);

describe('warnings of a plan', () => {
  it('are none where everybody gets what the weight gives', () => {
    expect(shareWarnings({ replicas: 3 }, membersOf([['a', 1, 1 / 3], ['b', 1, 1 / 3], ['c', 1, 1 / 3]]))).toEqual([]); // prettier-ignore
  });

  it('are one for each kind, with all that it is about, the worst first', () => {
    const seven = Array.from({ length: 7 }, (_, index): [string, number, number] => ['big', 10 + index, 0.04]);
    const warnings = shareWarnings({ replicas: 3 }, membersOf([...seven, ['b', 1, 0.36], ['c', 2, 0.36]]));
    expect(keysOf(warnings)).toEqual(['plan.crowdedZones', 'plan.cappedNodes']);
    expect(warnings[0]?.sentenceValues).toEqual({ count: 2, needed: 3, names: 'b 1.1 % → 36.0 %, c 2.1 % → 36.0 %' });
    expect(warnings[0]?.sentence).toContain('2 zones carry more names than their weight gives (weight → names): b 1.1 % → 36.0 %, c ');
    expect(warnings[1]?.sentenceValues.count).toBe(7);
    expect(warnings[1]?.sentenceValues.names).toMatch(/^n6 17\.0 % → 4\.0 %, n5 .* \+2$/);
  });

  it('name too few zones, and who could not take what is sent', () => {
    const two = membersOf([['a', 1, 0.5], ['b', 1, 0.5]]); // prettier-ignore
    expect(keysOf(shareWarnings({ replicas: 3 }, two))).toEqual(['plan.fewZones']);
    const received = new Map([[two[0]?.nodeId ?? '', 200]]);
    expect(capacityWarnings(two, received, () => 200)).toEqual([]);
    expect(capacityWarnings(two, received, () => 199)[0]?.sentence).toContain('1 node would be over capacity');
    expect(capacityWarnings(two, received, () => 199)[0]?.sentenceValues).toEqual({ count: 1, names: 'n0 200 > 199' });
    expect(capacityWarnings(two, received, () => null)).toEqual([]);
  });
});
