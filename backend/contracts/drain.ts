import Type, { type Static } from 'typebox';
import { NodeId } from './ids.ts';
import { Sentence } from './spoken.ts';

/**
 * A Cloud Service on its way out. Bodies of the admin API under /api/v1, and what the Controller asks the nodes for it.
 *
 *   POST   /nodes/:name/drain           DrainView (202): copies away, then the rings without it
 *   GET    /nodes/:name/drain           DrainView | null
 *   POST   /nodes/:name/drain/pause     DrainView
 *   POST   /nodes/:name/drain/resume    DrainView
 *   DELETE /nodes/:name/drain           DrainView (cancelled): it takes copies again
 *   GET    /nodes/:name/removal         RemovalCheck: whether it may be removed, and why not
 *   DELETE /nodes/:name                 removes it, or NodeStillNeeded with the reasons
 */

const Count = Type.Integer({ minimum: 0 });
/** Copies of blobs and their bytes. */
export const Copies = Type.Object({ blobs: Count, bytes: Count });
export type Copies = Static<typeof Copies>;

export const DrainState = Type.Union([
  /** Copies are made elsewhere, and the records name those instead. */
  Type.Literal('copying'),
  /** The administrator has stopped the copying; it still takes no new copies. */
  Type.Literal('paused'),
  /** Nothing is only here any more; the rings are changed to be without it. */
  Type.Literal('leaving-rings'),
  /** Nothing depends on it: it may be removed. */
  Type.Literal('drained'),
  Type.Literal('cancelled'),
]);
export type DrainState = Static<typeof DrainState>;

/** What was done, once it is drained. */
export const DrainReport = Type.Object({
  /** Copies that records named here at the beginning, all of them elsewhere now. */
  copied: Copies,
  /** Both 0, counted over a majority of the replicas of every partition when it was done. */
  named: Copies,
  /** On its disk at the end; null: it did not answer, and was drained from the other copies. */
  stored: Type.Union([Copies, Type.Null()]),
  /** The epoch of the rings that are without it. */
  epoch: Count,
  seconds: Type.Number(),
});
export type DrainReport = Static<typeof DrainReport>;

export const DrainView = Type.Object({
  nodeId: NodeId,
  name: Type.String(),
  state: DrainState,
  startedBy: Type.String(),
  startedAtMs: Type.Integer(),
  finishedAtMs: Type.Union([Type.Integer(), Type.Null()]),
  /** Copies that records named here when it began; null: not counted yet. */
  total: Type.Union([Copies, Type.Null()]),
  /** Those that records still name here. */
  left: Type.Union([Copies, Type.Null()]),
  /** Of `left`: blobs that no other node which answers has a copy of. */
  onlyHere: Type.Union([Copies, Type.Null()]),
  /** On its disk; null: it does not answer. Copies that nobody names any more are removed after the others. */
  stored: Type.Union([Copies, Type.Null()]),
  bytesPerSecond: Type.Number(),
  /** Estimated; null: nothing to estimate from. */
  secondsLeft: Type.Union([Type.Number(), Type.Null()]),
  inRings: Type.Boolean(),
  /** Why it does not go on, or what it waits for; for people. */
  note: Type.Union([Type.String(), Type.Null()]),
  /** The note for translations; missing where it is only passed on. */
  spokenNote: Type.Optional(Sentence),
  /** What is worth knowing before going on; for people. */
  warnings: Type.Array(Type.String()),
  /** The same for translations; missing in drains that an earlier release has begun. */
  spokenWarnings: Type.Optional(Type.Array(Sentence)),
  report: Type.Union([DrainReport, Type.Null()]),
});
export type DrainView = Static<typeof DrainView>;

/** Whether a Cloud Service may be removed now. */
export const RemovalCheck = Type.Object({
  name: Type.String(),
  allowed: Type.Boolean(),
  /** Why not, each with its evidence; for people. */
  reasons: Type.Array(Type.String()),
  /** The same for translations. */
  spokenReasons: Type.Optional(Type.Array(Sentence)),
  /** Copies that records still name there; null: could not be counted. */
  named: Type.Union([Copies, Type.Null()]),
  /** Of these: blobs without a copy on another node that answers. */
  onlyHere: Type.Union([Copies, Type.Null()]),
  inRings: Type.Boolean(),
});
export type RemovalCheck = Static<typeof RemovalCheck>;

/** `copies-named` (controller): what the records in the store of this node say of the copies on `nodeId`. */
export const CopiesNamedRequest = Type.Object({ nodeId: NodeId });
export const CopiesNamedAnswer = Type.Object({
  epoch: Type.Integer(),
  membershipVersion: Type.Integer(),
  /** In all partitions that this node is a replica of, and in those that it leads. */
  held: Copies,
  led: Copies,
  /** Of `led`: no other node that this one reaches has a copy. */
  onlyThere: Copies,
  /** Lists of blobs that could not be read now: they may name copies there. */
  unreadableLists: Count,
  /** When `nodeId` is the node that is asked. */
  own: Type.Optional(Type.Object({ stored: Copies, takesCopies: Type.Boolean() })),
});
export type CopiesNamedAnswer = Static<typeof CopiesNamedAnswer>;
