import { describe, expect, it } from 'vitest';
import { zonePalette } from './zone-palette.ts';

const nodes = [
  { name: 'a1', zone: 'a' },
  { name: 'a2', zone: 'a' },
  { name: 'b1', zone: 'b' },
];

describe('colours of nodes', () => {
  it('hue is the zone, shade the node', () => {
    const palette = zonePalette(nodes);
    expect(palette.node('a1')).toBe(palette.zone('a'));
    expect(palette.node('a2')).not.toBe(palette.node('a1'));
    expect(palette.zone('b')).not.toBe(palette.zone('a'));
    expect(palette.node('nobody')).toBe('var(--ink-soft)');
  });

  it('are made anew only for other names or zones', () => {
    const palette = zonePalette(nodes);
    expect(palette.isOf(nodes.map((node) => ({ ...node })))).toBe(true);
    expect(palette.isOf(nodes.slice(0, 2))).toBe(false);
    expect(palette.isOf(nodes.map((node) => ({ ...node, zone: 'c' })))).toBe(false);
  });
});
