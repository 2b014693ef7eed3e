import countries from 'world-atlas/countries-110m.json';
import type { GeometryCollection, Topology } from 'topojson-specification';

/** Coasts and borders at 1:110 million (Natural Earth, public domain), inside the page's own files. */
export const world = countries as unknown as Topology<{ countries: GeometryCollection; land: GeometryCollection }>;
