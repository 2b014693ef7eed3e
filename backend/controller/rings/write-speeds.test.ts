import { describe, expect, it } from 'vitest';
import type { NodeEntry } from '../../contracts/membership.ts';
import { WriteSpeeds } from './write-speeds.ts';

const entryOf = (id: string, declaredWriteBytesPerSecond: number): NodeEntry => ({
  id,
  parameters: {
    name: id,
    provider: 'test',
    region: 'here',
    zone: 'here',
    capacityBytes: 1,
    declaredReadBytesPerSecond: 1,
    declaredWriteBytesPerSecond,
  },
  addresses: { cluster: 'https://127.0.0.1:1', s3: 'http://127.0.0.1:2', dashboard: 'http://127.0.0.1:3' },
  state: 'healthy',
  publicKeyDigest: '',
  joinedAtMs: 0,
  changedInVersion: 1,
});

describe('write speeds for weights', () => {
  const first = entryOf('a', 100);
  const second = entryOf('b', 100);
  const after = (...readings: (readonly [number | null, number | null])[]): number[] => {
    const speeds = new WriteSpeeds();
    for (const [one, other] of readings)
      speeds.refresh([
        { entry: first, measuredWriteBytesPerSecond: one },
        { entry: second, measuredWriteBytesPerSecond: other },
      ]);
    return [speeds.of(first), speeds.of(second)];
  };

  it('are the declared ones until every node has a measured one', () => {
    expect(after()).toEqual([100, 100]);
    expect(after([400, null])).toEqual([100, 100]);
    expect(after([400, 0])).toEqual([100, 100]);
    expect(after([400, 300])).toEqual([400, 300]);
  });

  it('stay until another differs by more than 20 %, from the one in use and not from the declared one', () => {
    expect(after([120, 121])).toEqual([100, 121]);
    expect(after([400, 300], [480, 241])).toEqual([400, 300]);
    expect(after([400, 300], [481, 239])).toEqual([481, 239]);
    expect(after([200, 100], [230, 100], [245, 100])).toEqual([245, 100]);
  });

  it('give way to a declaration that changed', () => {
    const speeds = new WriteSpeeds();
    speeds.refresh([{ entry: first, measuredWriteBytesPerSecond: 400 }]);
    expect(speeds.of(first)).toBe(400);
    expect(speeds.of(entryOf('a', 50))).toBe(50);
    speeds.refresh([{ entry: entryOf('a', 50), measuredWriteBytesPerSecond: 400 }]);
    expect(speeds.of(entryOf('a', 50))).toBe(400);
  });
});
