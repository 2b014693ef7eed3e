import type { EpochPhase } from '../contracts/epoch.ts';
import type { RingName } from '../contracts/ids.ts';

/** The rules under which an operation runs: exactly one (epoch, phase, round). Compared epoch first, then phase, then round. */
export interface Regime {
  readonly epoch: number;
  readonly phase: EpochPhase;
  /** How often nodes were given up in the midst of the change to this epoch; none: 0. Each time the quorums are others. */
  readonly round?: number;
}

/** Node ids of the replicas that must agree by majority. */
export type ReplicaGroup = readonly string[];

/**
 * What the register knows of the cluster, as a port: the Admin_Cloud_Controller implements it in
 * production, the simulator in tests. All members are cheap and synchronous, except `learn`.
 *
 * Contract: once `regime()` has shown something it never shows less, restarts included (adopting is
 * fsynced before it shows); `groupsOf` belongs to the regime shown at the same moment (no await between).
 */
export interface RegisterView {
  /** Own node id, 16 hexadecimal characters. */
  readonly selfId: string;
  /** Boot number of this start, durable before the register is created (boot-number.ts). */
  readonly boot: number;
  /** The current rules; null before the first epoch. */
  regime(): Regime | null;
  /**
   * Replicas of the partition of `hash`. An operation needs a majority of *every* group: one group
   * while the phase is `active` (or `propose`), those of e and of e+1 in `joint` and `sync`.
   * Groups may overlap; the first id of the first group comes first as a hint for forwarding. Empty: no epoch yet.
   */
  groupsOf(ring: RingName, hash: number): readonly ReplicaGroup[];
  /** An adoption on its way to the disk: nothing is admitted until it has settled, so that no write of older rules follows it. */
  adopting(): Promise<void> | null;
  /** Whether tombstones may go: not from the moment on that this node has accepted a next epoch. */
  mayPurge(): boolean;
  /** Whether the own acceptor may answer at all: rings known, own boot number recorded, not fenced, disk well. */
  serving(): boolean;
  /** Highest boot number recorded of a peer (0: none). Messages with a lower one are refused. */
  recordedBoot(nodeId: string): number;
  /** Whether a peer seems reachable: a hint for choosing whom to ask for a value, never for safety. */
  reachable(nodeId: string): boolean;
  /** Proof of the current regime (opaque to the register), sent to a peer that knows less. Null before the first epoch. */
  certificate(): Uint8Array | null;
  /**
   * A peer knows more and sent its proof: verify, adopt, fsync. Resolves when `regime()` shows it, or
   * when the proof was refused (logged by the implementor). Never rejects. Calls for the same proof may be merged.
   */
  learn(from: string, certificate: Uint8Array): Promise<void>;
}

const phaseOrder: Readonly<Record<EpochPhase, number>> = { propose: 0, joint: 1, sync: 2, active: 3 };
const phases: readonly EpochPhase[] = ['propose', 'joint', 'sync', 'active'];
const roundShift = 4;

/** Phase and round on the wire: 0 propose, 1 joint, 2 sync, 3 active in the low half of the byte, the round in the high. */
export function regimeNumber({ phase, round = 0 }: Regime): number {
  return phaseOrder[phase] | (round << roundShift);
}

/** The rules of a wire number; undefined when there are none. */
export function regimeOfNumber(epoch: number, number: number): Regime | undefined {
  const phase = phases[number & 0xf];
  return phase === undefined ? undefined : regimeWith(epoch, phase, number >> roundShift);
}

/** A regime, without the round where that is 0. */
export function regimeWith(epoch: number, phase: EpochPhase, round = 0): Regime {
  return round === 0 ? { epoch, phase } : { epoch, phase, round };
}

/** Negative, 0 or positive, as `left` is behind, at or ahead of `right`. */
export function compareRegimes(left: Regime, right: Regime): number {
  if (left.epoch !== right.epoch) return left.epoch - right.epoch;
  return phaseOrder[left.phase] - phaseOrder[right.phase] || (left.round ?? 0) - (right.round ?? 0);
}
