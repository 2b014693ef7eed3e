import type { Clock } from '../../base/clock.ts';
import { Emitter } from '../../base/emitter.ts';
import type { Disposable } from '../../base/lifecycle.ts';
import type { RingChangeView } from '../../contracts/admin-api.ts';
import type { EpochProposal } from '../../contracts/epoch.ts';

export type ChangePhase = RingChangeView['phase'];
export type MemberStep = RingChangeView['nodes'][number]['step'];

/** The present or last ring change as the console shows it. Listeners hear every step. */
export interface ChangeProgress {
  readonly view: RingChangeView | null;
  begin(proposal: EpochProposal, digest: string, startedBy: string, startedAtMs: number, phase: ChangePhase): void;
  enter(phase: ChangePhase, failure?: { code: string; message: string }): void;
  step(nodeId: string, step: MemberStep, particulars?: { digest?: string; note?: string }): void;
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
      if (!view) return;
      const ended = phase === 'active' || phase === 'failed' || phase === 'withdrawn';
      set({ ...view, phase, failure: failure ?? null, finishedAtMs: ended ? Math.floor(clock.nowMs()) : null });
    },
    step: (nodeId, step, { digest, note } = {}) => {
      if (!view) return;
      const before = view.nodes.find((node) => node.nodeId === nodeId);
      if (!before || (before.step === step && before.note === (note ?? null))) return;
      set({
        ...view,
        nodes: view.nodes.map((node) =>
          node.nodeId === nodeId ? { ...node, step, digest: digest ?? node.digest, note: note ?? null } : node,
        ),
      });
    },
    onChange: (listener) => emitter.on(listener),
  };
}
