import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { jsonFile } from './json-file.ts';

const Bounds = Type.Object({ x: Type.Integer(), y: Type.Integer(), width: Type.Integer(), height: Type.Integer() });
const WindowState = Type.Object({ bounds: Type.Union([Bounds, Type.Null()]), maximized: Type.Boolean() });
export type Bounds = Static<typeof Bounds>;
export type WindowState = Static<typeof WindowState>;

const smallest = { width: 900, height: 600 };
const usual = { width: 1280, height: 800 };

export interface WindowStateStore {
  read(): Promise<WindowState>;
  write(state: WindowState): Promise<void>;
}

export function windowStateStore(path: string): WindowStateStore {
  return jsonFile<WindowState>(path, 1, { bounds: null, maximized: false }, (value) => (Value.Check(WindowState, value) ? value : null));
}

/** Where the window opens: as it was left, unless the screen that it was on is gone. */
export function placeWindow(
  state: WindowState,
  workAreas: readonly Bounds[],
): { readonly minWidth: number; readonly minHeight: number } & Partial<Bounds> {
  const limits = { minWidth: smallest.width, minHeight: smallest.height };
  const { bounds } = state;
  if (bounds === null) return { ...limits, ...usual };
  const seen = workAreas.some(
    (area) => overlap(bounds.x, bounds.width, area.x, area.width) >= 100 && overlap(bounds.y, bounds.height, area.y, area.height) >= 100,
  );
  const size = { width: Math.max(bounds.width, smallest.width), height: Math.max(bounds.height, smallest.height) };
  return seen ? { ...limits, ...size, x: bounds.x, y: bounds.y } : { ...limits, ...size };
}

function overlap(start: number, length: number, otherStart: number, otherLength: number): number {
  return Math.min(start + length, otherStart + otherLength) - Math.max(start, otherStart);
}
