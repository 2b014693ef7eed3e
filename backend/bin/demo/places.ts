/** A made-up cloud of the demo: three places, so that losing one of them loses nothing. */
export interface Place {
  readonly zone: string;
  readonly provider: string;
  readonly region: string;
  readonly latitude: number;
  readonly longitude: number;
}

const places: readonly Place[] = [
  { zone: 'han', provider: 'lotus', region: 'vn-north', latitude: 21.03, longitude: 105.85 },
  { zone: 'sgn', provider: 'mekong', region: 'vn-south', latitude: 10.82, longitude: 106.63 },
  { zone: 'fra', provider: 'main', region: 'de-central', latitude: 50.11, longitude: 8.68 },
];

/** The place of node `index`: five nodes stand 2/2/1. */
export function placeOf(index: number): Place {
  return places[index % places.length] as Place;
}

/** A known place, or a new one for a zone that the demo does not know. */
export function placeNamed(zone: string): Place {
  return places.find((place) => place.zone === zone) ?? { zone, provider: 'local', region: zone, latitude: 0, longitude: 0 };
}
