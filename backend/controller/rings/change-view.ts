import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { Failure } from '../../base/outcome.ts';
import type { RingChangeProgress, RingChangeView } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';
import type { Note } from '../../contracts/note.ts';

export type ChangePhase = RingChangeView['phase'];
export type MemberStep = RingChangeView['nodes'][number]['step'];

interface StepParticulars {
  readonly digest?: string;
  readonly note?: Note;
  readonly carried?: { readonly partitions: number; readonly names: number };
}

/** The present or last ring change as the console shows it. Listeners hear every step. */
export interface ChangeProgress {
  readonly view: RingChangeView | null;
  begin(proposal: EpochProposal, digest: string, startedBy: string, startedAtMs: number, phase: ChangePhase): void;
  enter(phase: ChangePhase, failure?: Failure): void;
  step(nodeId: string, step: MemberStep, particulars?: StepParticulars): void;
  /** How far names are carried over. */
  carry(progress: RingChangeProgress): void;
  onChange(listener: (view: RingChangeView) => void): Disposable;
}

export function createChangeProgress(clock: Clock): ChangeProgress {
  const emitter = new Emitter<RingChangeView>();
  let view: RingChangeView | null = null;
  const set = (next: RingChangeView): void => {
    view = next;
    emitter.emit(next);
  };
  return {
    get view() {
      return view;
    },
    begin: (proposal, digest, startedBy, startedAtMs, phase) =>
      set({
        epoch: proposal.epoch,
        attempt: proposal.attempt,
        digest,
        startedBy,
        startedAtMs,
        finishedAtMs: null,
        phase,
        failure: null,
        nodes: proposal.members.map((member) => ({ nodeId: member.id, name: member.name, step: 'waiting', digest: null, note: null })),
      }),
    enter: (phase, failure) => {
      if (!view || (view.phase === phase && failure === undefined)) return;
      const ended = phase === 'active' || phase === 'failed' || phase === 'withdrawn';
      set({
        ...view,
        phase,
        failure: failure === undefined ? null : shown(failure),
        finishedAtMs: ended ? Math.floor(clock.nowMs()) : null,
      });
    },
    carry: (progress) => {
      if (view) set({ ...view, progress });
    },
    step: (nodeId, step, { digest, note, carried } = {}) => {
      if (!view) return;
      const before = view.nodes.find((node) => node.nodeId === nodeId);
      const isSame = before?.step === step && before.note === (note?.sentence ?? null) && before.carried?.names === carried?.names;
      if (!before || (isSame && before.carried?.partitions === carried?.partitions)) return;
      set({
        ...view,
        nodes: view.nodes.map((node) => {
          if (node.nodeId !== nodeId) return node;
          const { spokenNote: _before, ...kept } = node;
          const noted = { note: note?.sentence ?? null, ...(note?.spoken && { spokenNote: note.spoken }) };
          return { ...kept, step, digest: digest ?? node.digest, ...noted, ...(carried && { carried }) };
        }),
      });
    },
    onChange: (listener) => emitter.on(listener),
  };
}

function shown({ code, message, spoken }: Failure): NonNullable<RingChangeView['failure']> {
  return spoken === undefined ? { code, message } : { code, message, spoken };
}
