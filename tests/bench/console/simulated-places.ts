import type { NewNode } from '../../../backend/controller/registry/registry.ts';

/** Forty zones of the world; the nodes of a simulated cluster are spread over them. */
const cities: readonly (readonly [string, number, number])[] = [
  ['han', 21.03, 105.85],
  ['sgn', 10.82, 106.63],
  ['fra', 50.11, 8.68],
  ['osl', 59.91, 10.75],
  ['iad', 38.94, -77.46],
  ['sfo', 37.62, -122.38],
  ['gru', -23.55, -46.63],
  ['jnb', -26.2, 28.05],
  ['syd', -33.87, 151.21],
  ['nrt', 35.68, 139.69],
];
const zonesPerCity = 4;
const providers = ['northwind', 'atlas', 'meridian'] as const;

/** The `index`-th node, always the same one. */
export function newSimulatedNode(index: number): NewNode {
  const [city, latitude, longitude] = cities[index % cities.length] ?? ['han', 21.03, 105.85];
  const zone = `${city}-${Math.floor(index / cities.length) % zonesPerCity}`;
  const digits = (index + 1).toString(16);
  const port = 20_000 + index;
  return {
    id: digits.padStart(16, '0'),
    publicKeyDigest: digits.padStart(64, '0'),
    parameters: {
      name: `${zone}-${index}`,
      provider: providers[index % providers.length] ?? 'atlas',
      region: city,
      zone,
      latitude: latitude + (Math.floor(index / 40) % 5) * 0.4,
      longitude: longitude + (Math.floor(index / 200) % 5) * 0.4,
      capacityBytes: (100 + (index % 7) * 50) * 2 ** 30,
      declaredReadBytesPerSecond: 400_000_000,
      declaredWriteBytesPerSecond: 250_000_000,
    },
    addresses: {
      cluster: `https://127.0.0.1:${port}`,
      s3: `http://127.0.0.1:${port}`,
      dashboard: `http://127.0.0.1:${port}`,
    },
    instanceId: `instance-${index}`,
    certificateExpiresAtMs: Date.now() + 90 * 86_400_000,
  };
}
