import { computed, shallowRef, watch, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import type { NodeView } from '../../../backend/contracts/admin-api.ts';
import type { LatenciesView } from '../../../backend/contracts/insight.ts';
import { formatCount } from '../../shared/format.ts';
import { useClusterStore } from '../stores/cluster.ts';
import { linksBetween } from './map-links.ts';
import { marksAt, placeNamesOf, type MapMark } from './map-marks.ts';
import type { DrawnLink, DrawnMark, MapContent } from './map-picture.ts';
import { mapPlaces } from './map-places.ts';
import { pointAt, shortestWay } from './world.ts';

/** More lines than this say nothing any more; those that most nodes measured are drawn. */
const mostLinks = 120;
/** More names than this at a mark are a number. */
const mostNames = 2;
const mostKnownWays = 2_000;

/** What the map shows of the cluster at one scale. While `isHeld`, it stays what it was: what is new waits until the hand rests. */
export function useMapContent(options: {
  nodes: () => readonly NodeView[];
  zones: () => LatenciesView['zones'];
  pixelsPerUnit: () => number;
  isHeld: () => boolean;
}): {
  content: ComputedRef<MapContent>;
  marks: ComputedRef<readonly DrawnMark[]>;
  without: ComputedRef<readonly NodeView[]>;
  linksLeftOut: ComputedRef<number>;
} {
  const { t, locale } = useI18n();
  const cluster = useClusterStore();
  const held = shallowRef({ nodes: options.nodes(), zones: options.zones() });
  watch([options.nodes, options.zones, options.isHeld], ([nodes, zones, isHeld]) => {
    if (!isHeld) held.value = { nodes, zones };
  });

  const found = computed(() => mapPlaces(held.value.nodes));
  const placed = computed(() => found.value.places.map((place) => ({ ...place, ...pointAt(place.longitude, place.latitude) })));
  const scale = computed(options.pixelsPerUnit);
  const bare = computed(() => marksAt(placed.value, scale.value));
  const marks = computed(() =>
    bare.value.map((mark): DrawnMark => ({ mark, name: nameOf(mark), number: formatCount(mark.nodes.length, locale.value) })),
  );
  const links = computed(() => linksBetween(bare.value, held.value.zones, mostLinks));
  const drawnLinks = computed(() => links.value.links.map(({ from, to, roundTripMs }) => drawnLink(from, to, roundTripMs)));

  function nameOf(mark: MapMark): string {
    const names = placeNamesOf(mark);
    const more = names.length - mostNames;
    return names.slice(0, mostNames).join(', ') + (more > 0 ? ` +${more}` : '');
  }

  /** Ways over the globe cost more than the rest of the picture, and stay as long as the marks stand where they do. */
  const ways = new Map<string, Omit<DrawnLink, 'text'>>();
  function drawnLink(from: MapMark, to: MapMark, roundTripMs: number): DrawnLink {
    const key = [from, to].map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join(' ');
    let known = ways.get(key);
    if (!known) {
      const { path, middle } = shortestWay(from, to);
      known = { path: new Path2D(path), middle, length: Math.hypot(to.x - from.x, to.y - from.y) };
      if (ways.size >= mostKnownWays) ways.clear();
      ways.set(key, known);
    }
    return { ...known, text: t('topology.roundTrip', { time: roundTripMs.toFixed(1) }) };
  }

  return {
    marks,
    content: computed(() => ({
      links: drawnLinks.value,
      marks: marks.value,
      colourOfNode: cluster.palette.node,
      colourOfZone: cluster.palette.zone,
    })),
    without: computed(() => found.value.without),
    linksLeftOut: computed(() => links.value.leftOut),
  };
}
