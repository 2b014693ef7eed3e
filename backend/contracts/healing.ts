import Type, { type Static } from 'typebox';
import { BlobId, NodeId } from './ids.ts';

/** How one node looks after the bytes: answered to the Controller, shown in API, CLI and console. Times are wall clock, for show. */

const Count = Type.Integer({ minimum: 0 });
const MaybeTime = Type.Union([Type.Integer(), Type.Null()]);
/** Estimated; null: nothing to estimate from. */
const SecondsLeft = Type.Union([Type.Number(), Type.Null()]);

/** Something that could not be looked after: a row that this release cannot read, or a defect. */
export const PassedOver = Type.Object({
  what: Type.String({ maxLength: 20 }),
  /** `BUCKET/KEY`, with the bucket's id where its name is not known; the name of a bucket; the number of a partition; the id of a blob. */
  name: Type.String({ maxLength: 1200 }),
  reason: Type.String({ maxLength: 300 }),
});
export type PassedOver = Static<typeof PassedOver>;
/** More are counted, but not named. */
export const mostPassedOver = 8;

/** One walk of the healer over the names whose partitions this node leads. */
export const HealerStatus = Type.Object({
  state: Type.Union([Type.Literal('idle'), Type.Literal('running')]),
  partitions: Count,
  partitionsDone: Count,
  names: Count,
  /** Copies that were found missing, on nodes that are gone or leaving, or against the bucket's policy, in this walk. */
  copiesMissing: Count,
  copiesRestored: Count,
  bytesRestored: Count,
  /** Could not be restored now, or their record could not be looked at; the next walk tries again. */
  copiesFailed: Count,
  /** Blobs of which no copy can be read now. */
  unreadable: Count,
  /** The first few that this walk could not look at; absent: none. */
  passedOver: Type.Optional(Type.Array(PassedOver, { maxItems: mostPassedOver })),
  /** What the walk before could not do, while this one is under way or has been broken off; absent: there was none, or an earlier release. */
  lastWalk: Type.Optional(
    Type.Object({
      copiesFailed: Count,
      unreadable: Count,
      passedOver: Type.Optional(Type.Array(PassedOver, { maxItems: mostPassedOver })),
    }),
  ),
  bytesPerSecond: Type.Number(),
  secondsLeft: SecondsLeft,
  lastEndedAtMs: MaybeTime,
});
export type HealerStatus = Static<typeof HealerStatus>;

export const ScrubStatus = Type.Object({
  state: Type.Union([Type.Literal('idle'), Type.Literal('running')]),
  /** An admin asked for it: as fast as the limit allows, not spread over the period. */
  onDemand: Type.Boolean(),
  blobsChecked: Count,
  bytesChecked: Count,
  /** Share of all ids that is behind it, 0..1. */
  done: Type.Number(),
  damaged: Count,
  bytesPerSecond: Type.Number(),
  secondsLeft: SecondsLeft,
  lastCompletedAtMs: MaybeTime,
});
export type ScrubStatus = Static<typeof ScrubStatus>;

export const SweepStatus = Type.Object({
  state: Type.Union([Type.Literal('idle'), Type.Literal('running')]),
  blobsSeen: Count,
  removed: Count,
  bytesRemoved: Count,
  lastEndedAtMs: MaybeTime,
});
export type SweepStatus = Static<typeof SweepStatus>;

export const HealingStatus = Type.Object({
  paused: Type.Boolean(),
  healer: HealerStatus,
  scrub: ScrubStatus,
  sweep: SweepStatus,
  /** Since this start of the process. */
  totals: Type.Object({ copiesRestored: Count, bytesRestored: Count, damaged: Count, swept: Count }),
});
export type HealingStatus = Static<typeof HealingStatus>;

/** `healing-command` (controller). Answer: HealingStatus. */
export const HealingCommand = Type.Object({
  command: Type.Union([Type.Literal('status'), Type.Literal('pause'), Type.Literal('resume'), Type.Literal('scrub')]),
});
export type HealingCommand = Static<typeof HealingCommand>;

/** `healing-verify` (node): look soon whether the copies on `nodeId` are all there. */
export const HealingVerify = Type.Object({ nodeId: NodeId });
/** `healing-check` (node): these blobs of yours could not be read; check them now. */
export const HealingCheck = Type.Object({ ids: Type.Array(BlobId, { maxItems: 100 }) });

/** GET /healing. */
export const HealingView = Type.Object({
  nodes: Type.Array(Type.Object({ name: Type.String(), status: Type.Union([HealingStatus, Type.Null()]) })),
});
export type HealingView = Static<typeof HealingView>;
