import type { RingChangeView } from '../../../backend/contracts/admin-api.ts';

/** How far a ring change is, phase by phase. Pure. */
export interface PhaseRow {
  readonly key: 'confirm' | 'acknowledge' | 'adopt' | 'propose' | 'joint' | 'sync' | 'active';
  readonly done: number;
  readonly total: number;
  readonly unit: 'nodes' | 'partitions';
}

const order = ['waiting', 'computing', 'confirmed', 'acknowledged', 'adopted', 'joint', 'syncing', 'active'] as const;

/** The first epoch is confirmed, acknowledged and adopted by nodes; later ones carry partitions from epoch to epoch. */
export function phasesOf(change: RingChangeView): readonly PhaseRow[] {
  const total = change.nodes.length;
  const reached = (least: (typeof order)[number]): number =>
    change.nodes.filter((node) => order.indexOf(node.step as (typeof order)[number]) >= order.indexOf(least)).length;
  const byNodes = (key: PhaseRow['key'], least: (typeof order)[number]): PhaseRow => ({ key, done: reached(least), total, unit: 'nodes' });
  if (change.epoch === 1) return [byNodes('confirm', 'confirmed'), byNodes('acknowledge', 'acknowledged'), byNodes('adopt', 'adopted')];
  const { partitions = 0, joint = 0, carried = 0 } = change.progress ?? {};
  return [
    byNodes('propose', 'confirmed'),
    { key: 'joint', done: joint, total: partitions, unit: 'partitions' },
    { key: 'sync', done: carried, total: partitions, unit: 'partitions' },
    byNodes('active', 'active'),
  ];
}

/** Until it is decided. */
export function isOpenToWithdrawal({ epoch, phase }: RingChangeView): boolean {
  return phase === 'confirm' || (epoch > 1 ? phase === 'propose' : phase === 'acknowledge');
}

/** Seconds until all names are carried over, at the pace so far; null while there is nothing to tell it from. */
export function secondsLeft(change: RingChangeView, nowMs: number): number | null {
  const { partitions = 0, carried = 0 } = change.progress ?? {};
  if (change.phase !== 'sync' || carried === 0 || carried >= partitions) return null;
  const elapsedMs = Math.max(0, nowMs - change.startedAtMs);
  return Math.ceil(((elapsedMs / carried) * (partitions - carried)) / 1000);
}
