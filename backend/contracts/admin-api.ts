import Type, { type Static } from 'typebox';
import { DrainView } from './drain.ts';
import { EpochPhase } from './epoch.ts';
import { HealingStatus } from './healing.ts';
import { NodeId, RingNameSchema } from './ids.ts';
import { NodeAddresses, NodeParameters, NodeState } from './membership.ts';
import { QuotaBytes } from './names.ts';
import { NodeTrouble } from './node-condition.ts';
import { Sentence, SentenceParts, Spoken, spokenProperties } from './spoken.ts';
import { maximumTtlSeconds } from './token-lifetime.ts';

/**
 * Bodies of the admin API under /api/v1 on the console port. The console page, the CLI and the
 * OpenAPI document all come from these.
 *
 *   GET    /session                     SessionView (always 200)
 *   POST   /session                     LoginRequest -> SessionView (cookie), with `token` when kind = bearer
 *   DELETE /session
 *   GET    /cluster                     ClusterView
 *   GET    /nodes                       NodeView[]
 *   GET    /nodes/:name                 NodeView
 *   GET    /nodes/:name/objects         ?kind=names|blobs&after&prefix&limit -> ObjectsHeldAnswer
 *   GET    /nodes/:name/replicas        ReplicasCompared (with the other replicas, asked now)
 *   POST   /nodes/:name/fence           refuse its certificate at once
 *   POST|GET|DELETE /nodes/:name/drain · POST /nodes/:name/drain/pause|resume · GET /nodes/:name/removal
 *   DELETE /nodes/:name                 drained, or dead with all its copies restored (contracts/drain.ts)
 *   POST   /nodes/:name/healing/pause|resume|scrub   HealingStatus
 *   GET    /healing · POST /healing/pause|resume     HealingView, of all nodes
 *   GET    /tokens · POST /tokens       TokenView[] · TokenRequest -> TokenCreated
 *   DELETE /tokens/:id
 *   GET    /rings                       RingsView
 *   GET    /rings/:ring/assignment      ?mostPartitions -> AssignmentView
 *   GET    /rings/nodes/:name           RingsShowAnswer (computed by that node)
 *   POST   /rings/plan                  RingPlanRequest -> RingPlan (nothing is changed anywhere)
 *   POST   /rings                       RingCreateRequest -> RingChangeView (202)
 *   GET    /rings/change                RingChangeView | null
 *   DELETE /rings/change                withdraws a change that is not decided
 *   GET|POST /rings/recovery            after a majority is lost for good (contracts/recovery.ts)
 *   GET    /rings/history               RingHistoryEntry[]
 *   GET    /resolve?bucket=&key=        ResolveAnswer
 *   GET    /users · POST /users · GET|DELETE /users/:name · PUT /users/:name/password
 *   POST   /users/:name/keys · DELETE /users/:name/keys/:id · PUT /users/:name/quota
 *   GET    /buckets · POST /buckets · GET|DELETE /buckets/:name · PUT /buckets/:name/quota
 *   GET    /buckets/:name/contents      ?after -> BucketContents (counted now, part by part)
 *   GET    /events                      SSE, resumable by Last-Event-ID; event names: see EventView.kind, plus `state` and `beat`
 *   GET    /events/history              ?after&limit -> EventView[]   (newest first)
 *   GET    /audit                       ?limit -> AuditView[]
 *   GET    /audit/check                 AuditCheckView (reads the whole chain)
 *
 * Errors: ErrorBody (contracts/error-body.ts) with the catalogue's status.
 */

export const LoginRequest = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 200 }),
    password: Type.String({ minLength: 1, maxLength: 1000 }),
    kind: Type.Optional(Type.Union([Type.Literal('cookie'), Type.Literal('bearer')])),
  },
  { additionalProperties: false },
);
export type LoginRequest = Static<typeof LoginRequest>;
export const SessionView = Type.Union([
  Type.Object({ authenticated: Type.Literal(false) }),
  Type.Object({
    authenticated: Type.Literal(true),
    username: Type.String(),
    expiresAtMs: Type.Integer(),
    token: Type.Optional(Type.String()),
  }),
]);
export type SessionView = Static<typeof SessionView>;

export const ClusterView = Type.Object({
  clusterId: Type.String(),
  clusterName: Type.String(),
  controllerId: Type.String(),
  softwareVersion: Type.String(),
  startedAtMs: Type.Integer(),
  clusterUrl: Type.String(),
  caDigest: Type.String(),
  /** Undefined: no number was given. */
  expectedNodes: Type.Optional(Type.Integer()),
  automaticRings: Type.Boolean(),
  membershipVersion: Type.Integer(),
  epoch: Type.Integer(),
  digest: Type.Union([Type.String(), Type.Null()]),
  counts: Type.Record(NodeState, Type.Integer()),
  /** How many have which trouble; those that refuse to serve are in `counts` by what their answers give. */
  troubled: Type.Optional(Type.Record(NodeTrouble, Type.Integer())),
  /** How things are and why, in one sentence. */
  ...spokenProperties,
  /** What stands in place of {parts}, in the same forms. */
  sentenceParts: Type.Optional(SentenceParts),
  /** Healthy Cloud Services that hold no names until the next rings; the first of them by name. Absent while there are no rings at all. */
  notInRings: Type.Optional(Type.Object({ count: Type.Integer(), names: Type.Array(Type.String(), { maxItems: 20 }) })),
  /** Removed or fenced ones that the rings still name: until the next rings their names have a replica less. Absent while there are no rings at all. */
  removedInRings: Type.Optional(Type.Object({ count: Type.Integer(), names: Type.Array(Type.String(), { maxItems: 20 }) })),
});
export type ClusterView = Static<typeof ClusterView>;

export const HealthEvidence = Type.Object({
  /** e.g. "no answer for 11 s from Controller and 3 of 4 peers". */
  ...spokenProperties,
  missedProbes: Type.Integer(),
  lastAnswerAtMs: Type.Union([Type.Integer(), Type.Null()]),
  roundTripMs: Type.Union([Type.Number(), Type.Null()]),
  peersAsked: Type.Integer(),
  peersThatReachIt: Type.Integer(),
});
export type HealthEvidence = Static<typeof HealthEvidence>;

export const NodeView = Type.Object({
  /** Position in the Cloud Service list, by time of joining, from 0. */
  index: Type.Integer(),
  id: NodeId,
  name: Type.String(),
  state: NodeState,
  stateSinceMs: Type.Integer(),
  evidence: HealthEvidence,
  parameters: NodeParameters,
  addresses: NodeAddresses,
  weight: Type.Integer(),
  weightOverride: Type.Optional(Type.Integer()),
  inRings: Type.Boolean(),
  joinedAtMs: Type.Integer(),
  /** 0: the Controller does not know it until the next renewal. */
  certificateExpiresAtMs: Type.Integer(),
  measured: Type.Object({
    readBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
    writeBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
    freeBytes: Type.Union([Type.Integer(), Type.Null()]),
    /** By everything on that disk, not by MCOS alone. */
    usedBytes: Type.Union([Type.Integer(), Type.Null()]),
    /** By the blobs held here; null: it does not answer, or is of an earlier release. */
    blobBytes: Type.Union([Type.Integer(), Type.Null()]),
    nameCount: Type.Union([Type.Integer(), Type.Null()]),
    blobCount: Type.Union([Type.Integer(), Type.Null()]),
  }),
  /** The best that transfers of objects have shown other nodes of this one in the last ten minutes. */
  observed: Type.Optional(
    Type.Object({
      readBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
      writeBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
      /** Nodes that told it. */
      reporters: Type.Integer(),
    }),
  ),
  /** By its last answer. */
  serving: Type.Union([Type.String(), Type.Null()]),
  /** Absent: none. A node that refuses to serve is told by its state as it answers. */
  trouble: Type.Optional(NodeTrouble),
  /** As of the last probe. */
  healing: Type.Optional(HealingStatus),
  /** The drain under way, or the last one while it is still on the list. */
  drain: Type.Optional(DrainView),
  epoch: Type.Integer(),
  membershipVersion: Type.Integer(),
  softwareVersion: Type.Union([Type.String(), Type.Null()]),
});
export type NodeView = Static<typeof NodeView>;

export const TokenRequest = Type.Object(
  {
    ttlSeconds: Type.Optional(Type.Integer({ minimum: 10, maximum: maximumTtlSeconds })),
    note: Type.Optional(Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type TokenRequest = Static<typeof TokenRequest>;
export const TokenView = Type.Object({
  id: Type.String(),
  state: Type.Union([Type.Literal('open'), Type.Literal('used'), Type.Literal('expired'), Type.Literal('revoked')]),
  createdAtMs: Type.Integer(),
  expiresAtMs: Type.Integer(),
  note: Type.String(),
  usedBy: Type.Union([Type.String(), Type.Null()]),
});
export type TokenView = Static<typeof TokenView>;
/** The whole token is shown once. `command` is the line to run on the server. */
export const TokenCreated = Type.Object({ id: Type.String(), token: Type.String(), expiresAtMs: Type.Integer(), command: Type.String() });
export type TokenCreated = Static<typeof TokenCreated>;

export const RingShare = Type.Object({
  index: Type.Integer(),
  nodeId: NodeId,
  name: Type.String(),
  zone: Type.String(),
  weight: Type.Integer(),
  partitions: Type.Integer(),
  share: Type.Number(),
  peers: Type.Integer(),
});
export type RingShare = Static<typeof RingShare>;
export const RingsView = Type.Object({
  epoch: Type.Integer(),
  phase: Type.Union([EpochPhase, Type.Null()]),
  digest: Type.Union([Type.String(), Type.Null()]),
  partitionPower: Type.Union([Type.Integer(), Type.Null()]),
  replicas: Type.Union([Type.Integer(), Type.Null()]),
  createdAtMs: Type.Union([Type.Integer(), Type.Null()]),
  rings: Type.Array(Type.Object({ ring: RingNameSchema, shares: Type.Array(RingShare) })),
  /** Whether rings could be created now, and why not. */
  readiness: Type.Object({
    state: Type.Union([Type.Literal('ready'), Type.Literal('waiting'), Type.Literal('running'), Type.Literal('active')]),
    ...spokenProperties,
  }),
});
export type RingsView = Static<typeof RingsView>;

export const AssignmentQuery = Type.Object({ mostPartitions: Type.Optional(Type.Integer({ minimum: 1, maximum: 2 ** 18 })) });

/** `assignment`: base64 of Uint16LE, partition-major, `replicas` indices a partition; they point into `nodes`. */
export const AssignmentView = Type.Object({
  ring: RingNameSchema,
  epoch: Type.Integer(),
  partitionPower: Type.Integer(),
  replicas: Type.Integer(),
  nodes: Type.Array(Type.Object({ nodeId: NodeId, name: Type.String(), zone: Type.String() })),
  assignment: Type.String(),
  /** Only partitions 0, n, 2n ... are told, because `mostPartitions` was asked for; absent: all. `moving` is always of all. */
  everyNth: Type.Optional(Type.Integer()),
  /** While names are carried over from the epoch before: its partitions that get a node, as in `RingMoves`. */
  moving: Type.Optional(Type.String()),
});
export type AssignmentView = Static<typeof AssignmentView>;

const NamedWeight = Type.Object({ name: Type.String(), weight: Type.Integer() });
/** What differs between the members of two epochs. */
const MemberChanges = Type.Object({
  added: Type.Array(NamedWeight),
  removed: Type.Array(NamedWeight),
  reweighted: Type.Array(Type.Object({ name: Type.String(), before: Type.Integer(), after: Type.Integer() })),
});
/** What a change of active rings sends from node to node. */
export const RingMoves = Type.Object({
  rings: Type.Array(
    Type.Object({
      ring: RingNameSchema,
      /** Partitions that get a node they did not have, and replicas filled anew; of how many. */
      partitions: Type.Integer(),
      replicas: Type.Integer(),
      replicasInAll: Type.Integer(),
      /** Those partitions: base64, one bit for each of the new ring, the lowest bit of a byte first. */
      moving: Type.String(),
    }),
  ),
  /** Records that are sent, once for each new replica; their bytes without and those of small objects inside them. */
  names: Type.Integer(),
  recordBytes: Type.Integer(),
  inlineBytes: Type.Integer(),
  /** Names of members whose records could not be counted; others hold the same ones. */
  notCounted: Type.Array(Type.String()),
  estimatedSeconds: Type.Number(),
});
export type RingMoves = Static<typeof RingMoves>;
export const RingPlan = Type.Object({
  epoch: Type.Integer(),
  digest: Type.String(),
  membershipVersion: Type.Integer(),
  partitionPower: Type.Integer(),
  replicas: Type.Integer(),
  members: Type.Array(
    Type.Object({
      nodeId: NodeId,
      name: Type.String(),
      zone: Type.String(),
      weight: Type.Integer(),
      share: Type.Number(),
      /** Its share of the active object ring; null before the first rings, 0 for a node that was not in them. */
      shareBefore: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
    }),
  ),
  /** From the second epoch on: what has changed since the active rings were made, and what that moves. */
  changes: Type.Optional(MemberChanges),
  moves: Type.Optional(RingMoves),
  /** `silent`: healthy, but this Controller has not heard of it yet; `refusing`: it answers, and says that it must not serve. */
  leftOut: Type.Array(
    Type.Object({
      name: Type.String(),
      state: Type.Union([NodeState, Type.Literal('silent'), Type.Literal('refusing')]),
      reason: Type.String(),
    }),
  ),
  /** One for each kind, with all that it is about. */
  warnings: Type.Array(Spoken),
});
export type RingPlan = Static<typeof RingPlan>;
/** Weights that the administrator sets instead of the computed ones, by name; null takes an earlier one back. They stay. */
export const WeightOverrides = Type.Record(
  Type.String({ maxLength: 63 }),
  Type.Union([Type.Integer({ minimum: 0, maximum: 1e9 }), Type.Null()]),
  {
    maxProperties: 10_000,
  },
);
export type WeightOverrides = Static<typeof WeightOverrides>;
export const RingPlanRequest = Type.Object({ weights: Type.Optional(WeightOverrides) }, { additionalProperties: false });
export type RingPlanRequest = Static<typeof RingPlanRequest>;
/** `digest`: apply exactly the plan that was shown, with the weights it was shown with. Without it the present list is taken. */
export const RingCreateRequest = Type.Object(
  { digest: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })), weights: Type.Optional(WeightOverrides) },
  { additionalProperties: false },
);
export type RingCreateRequest = Static<typeof RingCreateRequest>;

export const RingChangeNodeStep = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('computing'),
  Type.Literal('confirmed'),
  Type.Literal('acknowledged'),
  Type.Literal('adopted'),
  /** From the second epoch on: it works under the rules of both epochs. */
  Type.Literal('joint'),
  /** It carries names over. */
  Type.Literal('syncing'),
  /** It works under the new epoch alone. */
  Type.Literal('active'),
  Type.Literal('refused'),
  Type.Literal('unreachable'),
]);
/** How far a change from one epoch to the next is. Partitions are those of all three rings of the epoch before. */
export const RingChangeProgress = Type.Object({
  partitions: Type.Integer(),
  /** Partitions whose replicas no longer work under the old epoch alone. */
  joint: Type.Integer(),
  /** Partitions whose names are all in the new epoch. */
  carried: Type.Integer(),
  namesCarried: Type.Integer(),
});
export type RingChangeProgress = Static<typeof RingChangeProgress>;
export const RingChangeView = Type.Object({
  epoch: Type.Integer(),
  attempt: Type.Integer(),
  digest: Type.String(),
  startedBy: Type.String(),
  startedAtMs: Type.Integer(),
  finishedAtMs: Type.Union([Type.Integer(), Type.Null()]),
  /** First epoch: confirm, acknowledge, adopt, active. Later ones: confirm, propose, joint, sync, active. */
  phase: Type.Union([
    Type.Literal('confirm'),
    Type.Literal('acknowledge'),
    Type.Literal('adopt'),
    Type.Literal('propose'),
    Type.Literal('joint'),
    Type.Literal('sync'),
    Type.Literal('active'),
    Type.Literal('failed'),
    Type.Literal('withdrawn'),
  ]),
  /** Why it failed, naming the nodes. */
  failure: Type.Union([
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      /** The message for translations; missing where it is passed on. */
      spoken: Type.Optional(Sentence),
    }),
    Type.Null(),
  ]),
  nodes: Type.Array(
    Type.Object({
      nodeId: NodeId,
      name: Type.String(),
      step: RingChangeNodeStep,
      digest: Type.Union([Type.String(), Type.Null()]),
      note: Type.Union([Type.String(), Type.Null()]),
      /** The note for translations; missing where it is passed on. */
      spokenNote: Type.Optional(Sentence),
      /** Partitions that this node has carried over, and names in them. */
      carried: Type.Optional(Type.Object({ partitions: Type.Integer(), names: Type.Integer() })),
    }),
  ),
  /** From the second epoch on. */
  progress: Type.Optional(RingChangeProgress),
});
export type RingChangeView = Static<typeof RingChangeView>;

/** One ring change that was decided, or given up. Newest first. */
export const RingHistoryEntry = Type.Object({
  epoch: Type.Integer(),
  digest: Type.String(),
  startedBy: Type.String(),
  startedAtMs: Type.Integer(),
  /** Null while it runs. */
  finishedAtMs: Type.Union([Type.Integer(), Type.Null()]),
  outcome: Type.Union([Type.Literal('running'), Type.Literal('active'), Type.Literal('failed'), Type.Literal('withdrawn')]),
  failure: Type.Union([Type.String(), Type.Null()]),
  /** The same for translations; missing where it is passed on, and in entries of earlier releases. */
  spokenFailure: Type.Optional(Sentence),
  partitionPower: Type.Integer(),
  replicas: Type.Integer(),
  members: Type.Integer(),
  added: Type.Array(NamedWeight),
  removed: Type.Array(NamedWeight),
  reweighted: MemberChanges.properties.reweighted,
  namesCarried: Type.Integer(),
});
export type RingHistoryEntry = Static<typeof RingHistoryEntry>;

export const EventView = Type.Object({
  /** Ascending; the SSE id. */
  sequence: Type.Integer(),
  atMs: Type.Integer(),
  /** One of `eventTexts`; of other releases maybe another. */
  kind: Type.String(),
  severity: Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('error')]),
  subject: Type.Union([Type.String(), Type.Null()]),
  message: Type.String(),
  /** What the message is made of, for translations; events of older releases are without. */
  sentenceKey: Type.Optional(spokenProperties.sentenceKey),
  sentenceValues: Type.Optional(spokenProperties.sentenceValues),
  sentenceReason: spokenProperties.sentenceReason,
  sentenceParts: Type.Optional(SentenceParts),
  data: Type.Record(Type.String(), Type.Unknown()),
});
export type EventView = Static<typeof EventView>;

export const UserRequest = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9][A-Za-z0-9._@-]*$' }),
    password: Type.String({ minLength: 8, maxLength: 1000 }),
  },
  { additionalProperties: false },
);
export type UserRequest = Static<typeof UserRequest>;
export const PasswordRequest = Type.Object({ password: Type.String({ minLength: 8, maxLength: 1000 }) }, { additionalProperties: false });
export const KeyRequest = Type.Object(
  {
    accessKeyId: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9]{16,64}$' })),
    secretAccessKey: Type.Optional(Type.String({ pattern: '^[A-Za-z0-9/+=_-]{32,128}$' })),
  },
  { additionalProperties: false },
);
export type KeyRequest = Static<typeof KeyRequest>;
/** Null: no quota any more. */
export const QuotaRequest = Type.Object({ quotaBytes: QuotaBytes }, { additionalProperties: false });
export const BucketRequest = Type.Object(
  { name: Type.String({ maxLength: 63 }), owner: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
);
export type BucketRequest = Static<typeof BucketRequest>;
