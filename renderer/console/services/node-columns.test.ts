import { describe, expect, it } from 'vitest';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import { matchesFilter, nodeColumns, sortedIds, type ColumnKey } from './node-columns.ts';

const node = (
  name: string,
  more: { state?: NodeView['state']; trouble?: NodeView['trouble']; zone?: string; weight?: number } = {},
): NodeView =>
  ({
    id: `id-${name}`,
    name,
    state: more.state ?? 'healthy',
    ...(more.trouble === undefined ? {} : { trouble: more.trouble }),
    weight: more.weight ?? 1,
    parameters: { zone: more.zone ?? 'han', provider: 'Lotus', region: 'north' },
    addresses: { cluster: 'https://10.0.0.1:7410' },
    evidence: { roundTripMs: null },
    measured: {},
  }) as unknown as NodeView;
const by = (key: ColumnKey) => nodeColumns.find((column) => column.key === key)!;

describe('the table of Cloud Services', () => {
  it('sorts names as people count, and equal values by name', () => {
    const nodes = [node('n10'), node('n9'), node('n1')];
    expect(sortedIds(nodes, by('name'), 'up')).toEqual(['id-n1', 'id-n9', 'id-n10']);
    expect(sortedIds(nodes, by('weight'), 'down')).toEqual(['id-n1', 'id-n9', 'id-n10']);
  });

  it('sorts states with the worst first', () => {
    const nodes = [node('a'), node('b', { state: 'suspect' }), node('c', { state: 'down' }), node('d', { trouble: 'refusing' })];
    expect(sortedIds(nodes, by('state'), 'up')).toEqual(['id-c', 'id-d', 'id-b', 'id-a']);
  });

  it('finds by every word, anywhere in name, place or address', () => {
    const filter = (text: string) => ({ text, state: '' as const, zone: '' });
    expect(matchesFilter(node('n1'), filter('lotus n1'))).toBe(true);
    expect(matchesFilter(node('n1'), filter('7410'))).toBe(true);
    expect(matchesFilter(node('n1'), filter('lotus n2'))).toBe(false);
    expect(matchesFilter(node('n1'), { text: '', state: 'down', zone: '' })).toBe(false);
    expect(matchesFilter(node('n1', { trouble: 'refusing' }), { text: '', state: 'healthy', zone: '' })).toBe(false);
    expect(matchesFilter(node('n1', { trouble: 'refusing' }), { text: '', state: 'refusing', zone: '' })).toBe(true);
    expect(matchesFilter(node('n1'), { text: '', state: '', zone: 'sgn' })).toBe(false);
  });
});
