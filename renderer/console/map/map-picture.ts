import { conditionOf } from '../../../backend/contracts/node-condition.ts';
import { drawState, type StateColours } from './state-shape.ts';
import { nodeGapPx, type MapMark } from './map-marks.ts';
import { sunflower } from './map-places.ts';
import type { WorldShapes } from './world.ts';
import type { Fit } from './zoom-transforms.ts';

/** What the map looks like. Lengths in pixels, unless a fit says how many of them a unit is. */
export interface MapColours extends StateColours {
  readonly raised: string;
  readonly line: string;
  readonly lineStrong: string;
  readonly ink: string;
  readonly inkSoft: string;
  readonly font: string;
}

export interface DrawnLink {
  readonly path: Path2D;
  readonly length: number;
  readonly middle: { readonly x: number; readonly y: number };
  readonly text: string;
}

export interface DrawnMark {
  readonly mark: MapMark;
  readonly name: string;
  readonly number: string;
}

export interface MapContent {
  readonly links: readonly DrawnLink[];
  readonly marks: readonly DrawnMark[];
  readonly colourOfNode: (name: string) => string;
  readonly colourOfZone: (zone: string) => string;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const namePx = 12;
const latencyPx = 11;
/** Shorter than this a figure would lie on the names; the table of latencies has it. */
const leastLabelledPx = 80;
/** More lines than this are drawn thin and without gaps. */
const mostDashed = 60;

/** Sea, land, borders. The context's units are pixels of the picture. */
export function paintWorld(context: CanvasRenderingContext2D, shapes: WorldShapes, fit: Fit, colours: MapColours): void {
  const { width, height } = context.canvas;
  context.save();
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.fillStyle = colours.surface;
  context.fillRect(0, 0, width, height);
  context.restore();
  context.save();
  toUnits(context, fit);
  stroke(context, shapes.outline, colours.line, 1 / fit.scale);
  stroke(context, shapes.graticule, colours.line, 0.5 / fit.scale);
  context.fillStyle = colours.raised;
  context.fill(shapes.land);
  stroke(context, shapes.land, colours.lineStrong, 0.8 / fit.scale);
  stroke(context, shapes.borders, colours.line, 0.8 / fit.scale);
  context.restore();
}

/** Lines, marks and their words over it. */
export function paintContent(context: CanvasRenderingContext2D, content: MapContent, fit: Fit, colours: MapColours): void {
  paintLinks(context, content.links, fit, colours);
  for (const drawn of content.marks) paintMark(context, drawn, content, fit, colours);
  paintWords(context, content, fit, colours);
}

function toUnits(context: CanvasRenderingContext2D, { scale, left, top }: Fit): void {
  context.transform(scale, 0, 0, scale, left, top);
}

function stroke(context: CanvasRenderingContext2D, path: Path2D, colour: string, width: number): void {
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke(path);
}

function paintLinks(context: CanvasRenderingContext2D, links: readonly DrawnLink[], fit: Fit, colours: MapColours): void {
  context.save();
  toUnits(context, fit);
  if (links.length <= mostDashed) context.setLineDash([4 / fit.scale, 4 / fit.scale]);
  else context.globalAlpha = 0.45;
  for (const { path } of links) stroke(context, path, colours.inkSoft, (links.length <= mostDashed ? 1 : 0.7) / fit.scale);
  context.restore();
}

function paintMark(
  context: CanvasRenderingContext2D,
  { mark, number }: DrawnMark,
  { colourOfNode, colourOfZone }: MapContent,
  fit: Fit,
  colours: MapColours,
): void {
  context.save();
  context.translate(mark.x * fit.scale + fit.left, mark.y * fit.scale + fit.top);
  if (mark.shows === 'nodes')
    for (const [index, place] of sunflower(mark.nodes.length, nodeGapPx).entries()) {
      const node = mark.nodes[index];
      if (node) drawState(context, conditionOf(node), colourOfNode(node.name), place, colours);
    }
  else {
    paintZones(context, mark, colourOfZone, colours);
    context.fillStyle = colours.ink;
    context.font = `600 ${namePx}px ${colours.font}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    context.fillText(number, 0, 0.5);
    if (mark.worst !== 'healthy') {
      const aside = mark.radius * 0.8;
      drawState(context, mark.worst, colours.ink, { x: aside, y: -aside }, colours);
    }
  }
  context.restore();
}

/** A ring in the colours of its zones, each as long as its part of the nodes. */
function paintZones(context: CanvasRenderingContext2D, mark: MapMark, colourOfZone: (zone: string) => string, colours: MapColours): void {
  const width = 4.5;
  context.beginPath();
  context.arc(0, 0, mark.radius + 1.5, 0, 2 * Math.PI);
  context.fillStyle = colours.surface;
  context.fill();
  context.lineWidth = width;
  let angle = -Math.PI / 2;
  for (const { zone, count } of mark.zones) {
    const end = angle + (count / mark.nodes.length) * 2 * Math.PI;
    context.beginPath();
    context.arc(0, 0, mark.radius - width / 2, angle, end);
    context.strokeStyle = colourOfZone(zone);
    context.stroke();
    angle = end;
  }
}

/** Words where there is room for them: those of marks in trouble first, then of large ones, then the round trips of long lines. */
function paintWords(context: CanvasRenderingContext2D, { links, marks }: MapContent, fit: Fit, colours: MapColours): void {
  context.save();
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = colours.surface;
  const at = ({ x, y }: { x: number; y: number }): { x: number; y: number } => ({
    x: x * fit.scale + fit.left,
    y: y * fit.scale + fit.top,
  });
  const taken: Box[] = marks.map(({ mark }) => boxAround(at(mark), mark.radius, mark.radius));
  /** False where something else stands. */
  const write = (text: string, middle: { x: number; y: number }, heightPx: number, colour: string): boolean => {
    const box = boxAround(middle, context.measureText(text).width / 2 + 2, heightPx / 2 + 1);
    const isSeen = box.right > 0 && box.bottom > 0 && box.left < context.canvas.width && box.top < context.canvas.height;
    if (!isSeen || taken.some((other) => touch(box, other))) return false;
    taken.push(box);
    context.fillStyle = colour;
    context.strokeText(text, middle.x, middle.y);
    context.fillText(text, middle.x, middle.y);
    return true;
  };
  const weightOf = ({ mark }: DrawnMark): number => (mark.worst === 'healthy' ? 0 : 1e9) + mark.nodes.length;
  context.font = `${namePx}px ${colours.font}`;
  for (const { mark, name } of [...marks].sort((left, right) => weightOf(right) - weightOf(left))) {
    const { x, y } = at(mark);
    const [below, beside] = [mark.radius + namePx * 0.75, mark.radius + 5 + context.measureText(name).width / 2];
    const places = [
      { x, y: y + below },
      { x: x + beside, y },
      { x: x - beside, y },
      { x, y: y - below },
    ];
    places.some((place) => write(name, place, namePx, colours.ink));
  }
  context.font = `${latencyPx}px ${colours.font}`;
  // They stand upon their own dashed line, which must not show between their letters.
  context.lineWidth = 7;
  for (const { middle, length, text } of links)
    if (length * fit.scale >= leastLabelledPx) write(text, at(middle), latencyPx, colours.inkSoft);
  context.restore();
}

function boxAround({ x, y }: { x: number; y: number }, halfWidth: number, halfHeight: number): Box {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function touch(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
