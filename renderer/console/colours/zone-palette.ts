/** Colours of nodes: hue is the zone, shade the node; the same in every view. Pure. */

export interface ZonePalette {
  /** CSS colour of a node. */
  node(name: string): string;
  zone(zone: string): string;
  /** Whether it was made of exactly these. */
  isOf(nodes: readonly ColouredNode[]): boolean;
}

interface ColouredNode {
  readonly name: string;
  readonly zone: string;
}

/** Hues in degrees, far apart in the order in which zones come; also told apart by lightness alone where possible. */
const hues = [248, 162, 55, 320, 105, 205, 20, 285];
/** Lightness of the shades of one zone, in per cent: legible on the light and the dark surface. */
const shades = [66, 55, 76, 48, 82, 60, 71];

export function zonePalette(nodes: readonly ColouredNode[]): ZonePalette {
  const places = new Map([...new Set(nodes.map((node) => node.zone))].sort().map((zone, place) => [zone, place]));
  const colours = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const { name, zone } of nodes) {
    const place = seen.get(zone) ?? 0;
    seen.set(zone, place + 1);
    colours.set(name, colour(places.get(zone) ?? 0, place));
  }
  return {
    node: (name) => colours.get(name) ?? 'var(--ink-soft)',
    zone: (zone) => colour(places.get(zone) ?? 0, 0),
    isOf: (others) =>
      others.length === nodes.length && others.every(({ name, zone }, index) => name === nodes[index]?.name && zone === nodes[index]?.zone),
  };
}

function colour(zoneIndex: number, place: number): string {
  const hue = hues[zoneIndex % hues.length] ?? 0;
  // A second round of hues is paler.
  const chroma = zoneIndex < hues.length ? 0.115 : 0.06;
  return `oklch(${shades[place % shades.length] ?? 60}% ${chroma} ${hue})`;
}
