/** A made-up cloud of the demo: three places, so that losing one of them loses nothing. */
export interface Place {
  readonly zone: string;
  readonly provider: string;
  readonly region: string;
  /** In degrees; undefined: not known. */
  readonly coordinates?: { readonly latitude: number; readonly longitude: number };
}

const places: readonly Place[] = [
  { zone: 'han', provider: 'lotus', region: 'vn-north', coordinates: { latitude: 21.03, longitude: 105.85 } },
  { zone: 'sgn', provider: 'mekong', region: 'vn-south', coordinates: { latitude: 10.82, longitude: 106.63 } },
  { zone: 'fra', provider: 'main', region: 'de-central', coordinates: { latitude: 50.11, longitude: 8.68 } },
];

/** Options of `node start` for what stands there. */
export function placeOptions({ provider, region, zone, coordinates }: Place): string[] {
  return [
    ...['--provider', provider, '--region', region, '--zone', zone],
    ...(coordinates === undefined ? [] : ['--lat', String(coordinates.latitude), '--lon', String(coordinates.longitude)]),
  ];
}

/** The place of node `index`: five nodes stand 2/2/1. */
export function placeOf(index: number): Place {
  return places[index % places.length] as Place;
}

/** A known place, or a new one for a zone that the demo does not know. */
export function placeNamed(zone: string): Place {
  return places.find((place) => place.zone === zone) ?? { zone, provider: 'local', region: zone };
}
