import type { NewNode } from '../registry/registry.ts';

/** The `index`-th node of a test: three zones, one size. */
export function newNode(index: number): NewNode {
  const digits = index.toString(16);
  return {
    id: digits.padStart(16, '0'),
    publicKeyDigest: digits.padStart(64, '0'),
    parameters: {
      name: `node-${index}`,
      provider: 'test',
      region: 'here',
      zone: `z${index % 3}`,
      capacityBytes: 100 * 2 ** 30,
      declaredReadBytesPerSecond: 100_000_000,
      declaredWriteBytesPerSecond: 100_000_000,
    },
    addresses: { cluster: `https://127.0.0.1:${10_000 + index}`, s3: 'http://127.0.0.1:1', dashboard: 'http://127.0.0.1:2' },
    instanceId: `instance-${index}`,
    certificateExpiresAtMs: 2_000_000_000_000,
  };
}
