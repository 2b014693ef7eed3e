import type { NodeCondition } from '../../../backend/contracts/node-condition.ts';

/** Colours that a state's mark needs beside its own. */
export interface StateColours {
  readonly surface: string;
  readonly warn: string;
  readonly bad: string;
}

/** A node as a mark of about ten pixels around (x, y): colour is the node, shape the state, the same shapes as beside the word. */
export function drawState(
  context: CanvasRenderingContext2D,
  state: NodeCondition,
  colour: string,
  { x, y }: { x: number; y: number },
  colours: StateColours,
): void {
  context.save();
  context.translate(x, y);
  context.beginPath();
  context.fillStyle = colour;
  context.strokeStyle = colour;
  switch (state) {
    case 'healthy':
      context.arc(0, 0, 5, 0, 2 * Math.PI);
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = colours.surface;
      break;
    case 'joining':
      context.arc(0, 0, 4.2, 0, 2 * Math.PI);
      context.fillStyle = colours.surface;
      context.fill();
      context.lineWidth = 2;
      break;
    case 'suspect':
      line(context, [0, -6], [6, 5], [-6, 5]);
      context.closePath();
      context.fill();
      context.lineWidth = 1.5;
      context.strokeStyle = colours.warn;
      break;
    case 'down':
      line(context, [-4.5, -4.5], [4.5, 4.5]);
      line(context, [4.5, -4.5], [-4.5, 4.5]);
      context.lineWidth = 3;
      context.strokeStyle = colours.bad;
      break;
    case 'refusing':
      context.arc(0, 0, 5, 0, 2 * Math.PI);
      line(context, [-3, 0], [3, 0]);
      context.lineWidth = 2.2;
      context.strokeStyle = colours.bad;
      break;
    case 'unheard':
    case 'draining':
    case 'removed':
      line(context, [0, -5], [0, 4]);
      line(context, [-4, 0], [0, 5], [4, 0]);
      context.lineWidth = 2.2;
      if (state === 'unheard') context.strokeStyle = colours.bad;
  }
  context.stroke();
  context.restore();
}

function line(context: CanvasRenderingContext2D, ...points: readonly (readonly [number, number])[]): void {
  for (const [index, [x, y]] of points.entries()) {
    if (index === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
}
