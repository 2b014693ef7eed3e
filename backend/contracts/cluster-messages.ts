import Type, { type Static } from 'typebox';
import { EpochAcknowledgement, EpochCertificate, EpochPhase, EpochProposal, GenesisRecord } from './epoch.ts';
import { HealingStatus } from './healing.ts';
import { ClusterId, NodeId, RingNameSchema, ShortName } from './ids.ts';
import { PeerLatency, TrafficCounters } from './insight.ts';
import { MembershipUpdate, NodeAddresses, NodeParameters } from './membership.ts';
import { QuotaBytes } from './names.ts';
import { Sentence } from './spoken.ts';

/**
 * Bodies of the calls over `ClusterRpcClient`/`ClusterRpcServer` (base/cluster-rpc.ts). The method
 * name is the path on the wire: POST /cluster/v1/<method>.
 */

const Pem = Type.String({ maxLength: 8000 });
const Hex64 = Type.String({ pattern: '^[0-9a-f]{64}$' });

// ---- node -> Controller ---------------------------------------------------------------------

/** `join` (anonymous). The secret is sent only after the CA's digest was checked. */
export const JoinRequest = Type.Object({
  format: Type.Literal(1),
  tokenId: Type.String({ maxLength: 64 }),
  secret: Type.String({ maxLength: 128 }),
  /** PKCS#10; only its public key is used. */
  certificateRequest: Pem,
  parameters: NodeParameters,
  addresses: NodeAddresses,
  /** Random per process start: tells two processes with one key apart. */
  instanceId: Type.String({ maxLength: 64 }),
});
export type JoinRequest = Static<typeof JoinRequest>;

export const JoinAnswer = Type.Object({
  nodeId: NodeId,
  certificate: Pem,
  caCertificate: Pem,
  controllerCertificate: Pem,
  genesis: GenesisRecord,
  membership: MembershipUpdate,
});
export type JoinAnswer = Static<typeof JoinAnswer>;

/** `announce` (node): after every start, and when addresses or parameters changed. */
export const AnnounceRequest = Type.Object({
  format: Type.Literal(1),
  parameters: NodeParameters,
  addresses: NodeAddresses,
  instanceId: Type.String({ maxLength: 64 }),
  membershipVersion: Type.Integer({ minimum: 0 }),
});
export type AnnounceRequest = Static<typeof AnnounceRequest>;
export const AnnounceAnswer = Type.Object({ membership: MembershipUpdate, certificateEpoch: Type.Optional(EpochCertificate) });
export type AnnounceAnswer = Static<typeof AnnounceAnswer>;

/** `membership-since` (node): the difference from a version. */
export const MembershipSinceRequest = Type.Object({ version: Type.Integer({ minimum: 0 }) });
export type MembershipSinceRequest = Static<typeof MembershipSinceRequest>;

/** `renew-certificate` (node): a new certificate for the same key. */
export const RenewRequest = Type.Object({ certificateRequest: Pem });
export type RenewRequest = Static<typeof RenewRequest>;
export const RenewAnswer = Type.Object({ certificate: Pem });
export type RenewAnswer = Static<typeof RenewAnswer>;

// ---- Controller -> node ---------------------------------------------------------------------

/** `status` (controller, node): the probe. `askAbout`: nodes that the caller wants this node to try as well. */
export const StatusRequest = Type.Object({ askAbout: Type.Array(NodeId, { maxItems: 16 }) });
export type StatusRequest = Static<typeof StatusRequest>;
/** Most nodes that one answer tells observed speeds of. */
export const maxObservedSpeeds = 64;
/** The best of several transfers of objects with one other node; null where too few were made lately. */
export const ObservedSpeed = Type.Object({
  nodeId: NodeId,
  readBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
  writeBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
});
export type ObservedSpeed = Static<typeof ObservedSpeed>;

export const StatusAnswer = Type.Object({
  nodeId: NodeId,
  instanceId: Type.String(),
  softwareVersion: Type.String(),
  membershipVersion: Type.Integer({ minimum: 0 }),
  /** Of the list of that version; absent in earlier releases. */
  membershipDigest: Type.Optional(Hex64),
  epoch: Type.Integer(),
  digest: Type.Union([Type.String(), Type.Null()]),
  phase: Type.Union([EpochPhase, Type.Null()]),
  round: Type.Optional(Type.Integer()),
  /** Whether it serves end users now, and why not. */
  serving: Type.Union([
    Type.Literal('serving'),
    Type.Literal('waiting-for-rings'),
    Type.Literal('waiting-for-boot-record'),
    Type.Literal('read-only'),
    Type.Literal('fenced'),
  ]),
  /** For people; absent while it serves. */
  servingReason: Type.Optional(Type.String({ maxLength: 2000 })),
  /** The same for translations; absent in earlier releases. */
  servingSpoken: Type.Optional(Sentence),
  freeBytes: Type.Integer(),
  /** By everything on the disk of the blobs. */
  usedBytes: Type.Integer(),
  nameCount: Type.Integer(),
  blobCount: Type.Integer(),
  /** By those blobs; absent in earlier releases. */
  blobBytes: Type.Optional(Type.Integer()),
  /** How it looks after the bytes; absent before it has joined completely. */
  healing: Type.Optional(HealingStatus),
  traffic: Type.Optional(TrafficCounters),
  latencies: Type.Optional(Type.Array(PeerLatency, { maxItems: 32 })),
  measuredReadBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
  measuredWriteBytesPerSecond: Type.Union([Type.Integer(), Type.Null()]),
  /** What transfers of objects have shown this node of others; absent in earlier releases. */
  observedSpeeds: Type.Optional(Type.Array(ObservedSpeed, { maxItems: maxObservedSpeeds })),
  /** What this node's own pings say of the peers asked about, and which others it cannot reach. */
  peers: Type.Array(
    Type.Object({
      nodeId: NodeId,
      reachable: Type.Boolean(),
      lastAnswerAgoMs: Type.Union([Type.Integer(), Type.Null()]),
      roundTripMs: Type.Union([Type.Number(), Type.Null()]),
    }),
    { maxItems: 20_000 },
  ),
});
export type StatusAnswer = Static<typeof StatusAnswer>;

/** `membership-push` (controller): body MembershipUpdate. Answer: the version now held, and its digest (absent in earlier releases). */
export const MembershipPushAnswer = Type.Object({ version: Type.Integer({ minimum: 0 }), digest: Type.Optional(Hex64) });
export type MembershipPushAnswer = Static<typeof MembershipPushAnswer>;

/** `rings-confirm` (controller): compute the proposal's rings, store nothing. */
export const RingsConfirmRequest = Type.Object({ proposal: EpochProposal });
export const RingsConfirmAnswer = Type.Object({ digest: Hex64, computedInMs: Type.Number() });
export type RingsConfirmAnswer = Static<typeof RingsConfirmAnswer>;

/** `rings-acknowledge` (controller): fsync and sign (epoch, attempt, digest). */
export const RingsAcknowledgeRequest = Type.Object({ proposal: EpochProposal, digest: Hex64 });
/** A member that already holds a certificate answers with that instead. */
export const RingsAcknowledgeAnswer = Type.Union([
  Type.Object({ acknowledgement: EpochAcknowledgement }),
  Type.Object({ certificate: EpochCertificate }),
]);
export type RingsAcknowledgeAnswer = Static<typeof RingsAcknowledgeAnswer>;

/** `rings-withdraw` (controller): fsync that attempts up to this one will never be served. */
export const RingsWithdrawRequest = Type.Object({ epoch: Type.Integer(), attempt: Type.Integer() });
export const RingsWithdrawAnswer = Type.Union([
  Type.Object({ withdrawn: Type.Literal(true) }),
  Type.Object({ certificate: EpochCertificate }),
]);
export type RingsWithdrawAnswer = Static<typeof RingsWithdrawAnswer>;

/** `rings-adopt` (controller, node): verify, fsync, serve. */
export const RingsAdoptRequest = Type.Object({ certificate: EpochCertificate });

/** `rings-show` (controller): what this node computed itself. */
export const RingsShowAnswer = Type.Object({
  epoch: Type.Integer(),
  phase: Type.Union([EpochPhase, Type.Null()]),
  digest: Type.Union([Hex64, Type.Null()]),
  partitionPower: Type.Union([Type.Integer(), Type.Null()]),
  replicas: Type.Union([Type.Integer(), Type.Null()]),
  /** Partition replicas per node and ring. */
  shares: Type.Array(
    Type.Object({
      nodeId: NodeId,
      name: ShortName,
      zone: ShortName,
      account: Type.Integer(),
      container: Type.Integer(),
      object: Type.Integer(),
    }),
  ),
});
export type RingsShowAnswer = Static<typeof RingsShowAnswer>;

/** Most partitions that one answer tells of. */
export const mostLoads = 2_000;
/** `record-loads` (controller): what a ring change would have to carry, partition by partition in ascending order. */
export const RecordLoadsRequest = Type.Object({ ring: RingNameSchema, fromPartition: Type.Integer({ minimum: 0, maximum: 2 ** 18 - 1 }) });
export type RecordLoadsRequest = Static<typeof RecordLoadsRequest>;
const count = Type.Integer({ minimum: 0 });
export const RecordLoadsAnswer = Type.Object({
  epoch: Type.Integer(),
  partitionPower: Type.Integer(),
  /** `bytes`: of keys and records; the bytes of small objects inside them are `inlineBytes`. */
  loads: Type.Array(Type.Object({ partition: count, records: count, bytes: count, inlineBytes: count }), { maxItems: mostLoads }),
  /** Where to go on; null at the end. */
  nextPartition: Type.Union([count, Type.Null()]),
});
export type RecordLoadsAnswer = Static<typeof RecordLoadsAnswer>;

/** `objects-held` (controller): a page of the list of names and blobs on this node's disk. */
export const ObjectsHeldRequest = Type.Object({
  kind: Type.Union([Type.Literal('names'), Type.Literal('blobs')]),
  after: Type.Optional(Type.String({ maxLength: 6000 })),
  prefix: Type.Optional(Type.String({ maxLength: 2000 })),
  limit: Type.Integer({ minimum: 1, maximum: 1000 }),
});
export type ObjectsHeldRequest = Static<typeof ObjectsHeldRequest>;
export const HeldName = Type.Object({
  ring: Type.Union([Type.Literal('account'), Type.Literal('container'), Type.Literal('object')]),
  /** `user NAME`, `key ID`, bucket name, or `BUCKET-ID/KEY` with the bucket's name where it is known here. */
  name: Type.String(),
  kind: Type.Union([
    Type.Literal('account'),
    Type.Literal('access-key'),
    Type.Literal('bucket'),
    Type.Literal('object'),
    Type.Literal('upload'),
    Type.Literal('part'),
    Type.Literal('marker'),
  ]),
  bucketId: Type.Optional(Type.String()),
  bucket: Type.Optional(Type.String()),
  key: Type.Optional(Type.String()),
  partition: Type.Integer(),
  version: Type.Integer(),
  deleted: Type.Boolean(),
  size: Type.Optional(Type.Integer()),
  etag: Type.Optional(Type.String()),
  inline: Type.Optional(Type.Boolean()),
});
export type HeldName = Static<typeof HeldName>;
export const HeldBlob = Type.Object({ id: Type.String(), size: Type.Integer() });
export type HeldBlob = Static<typeof HeldBlob>;
export const ObjectsHeldAnswer = Type.Object({
  names: Type.Array(HeldName),
  blobs: Type.Array(HeldBlob),
  next: Type.Union([Type.String(), Type.Null()]),
});
export type ObjectsHeldAnswer = Static<typeof ObjectsHeldAnswer>;

/**
 * `replicas-compare` (controller): what this node's replicas hold beside what the other replicas of the same
 * partitions hold. `different` 0 and nobody silent: it has everything that they have, and they what it has.
 */
export const ReplicasCompared = Type.Object({
  epoch: Type.Integer(),
  /** Pairs of a partition held here and another node that holds it too. */
  compared: Type.Integer(),
  different: Type.Integer(),
  /** The first of those that differ. */
  differing: Type.Array(Type.Object({ ring: RingNameSchema, partition: Type.Integer(), peer: NodeId })),
  /** Nodes that did not answer. */
  silent: Type.Array(NodeId),
});
export type ReplicasCompared = Static<typeof ReplicasCompared>;

/** `resolve` (controller): the way of one name through the three rings. */
export const ResolveRequest = Type.Object({
  bucket: Type.String({ maxLength: 300 }),
  key: Type.Optional(Type.String({ maxLength: 3000 })),
});
const ResolveStep = Type.Object({
  ring: Type.Union([Type.Literal('account'), Type.Literal('container'), Type.Literal('object')]),
  name: Type.String(),
  partition: Type.Integer(),
  replicas: Type.Array(Type.Object({ nodeId: NodeId, name: Type.String(), zone: Type.String() })),
  found: Type.Boolean(),
  summary: Type.String(),
  /** The same for translations; a node of an earlier release does not tell it. */
  spokenSummary: Type.Optional(Sentence),
});
export const ResolveAnswer = Type.Object({
  epoch: Type.Integer(),
  steps: Type.Array(ResolveStep),
  /** Where the bytes lie; `inline` objects lie in the record itself. */
  copies: Type.Array(
    Type.Object({ blobId: Type.String(), size: Type.Integer(), nodes: Type.Array(Type.Object({ nodeId: NodeId, name: Type.String() })) }),
  ),
  inline: Type.Boolean(),
});
export type ResolveAnswer = Static<typeof ResolveAnswer>;

/** `account-command` (controller): accounts and buckets are registers, so a node runs the change. */
/** Both are left out where there is no quota; what is used also in lists. */
const quotaView = { quotaBytes: Type.Optional(Type.Integer()), usedBytes: Type.Optional(Type.Integer()) };
export const AccountCommand = Type.Union([
  Type.Object({ kind: Type.Literal('create-user'), name: Type.String(), passwordHash: Type.String() }),
  Type.Object({ kind: Type.Literal('set-password'), name: Type.String(), passwordHash: Type.String() }),
  Type.Object({ kind: Type.Literal('remove-user'), name: Type.String() }),
  Type.Object({ kind: Type.Literal('show-user'), name: Type.String() }),
  Type.Object({ kind: Type.Literal('list-users') }),
  Type.Object({
    kind: Type.Literal('add-key'),
    name: Type.String(),
    accessKeyId: Type.Optional(Type.String()),
    secretAccessKey: Type.Optional(Type.String()),
  }),
  Type.Object({ kind: Type.Literal('remove-key'), name: Type.String(), accessKeyId: Type.String() }),
  Type.Object({ kind: Type.Literal('create-bucket'), owner: Type.String(), bucket: Type.String() }),
  Type.Object({ kind: Type.Literal('remove-bucket'), bucket: Type.String() }),
  Type.Object({ kind: Type.Literal('show-bucket'), bucket: Type.String() }),
  Type.Object({ kind: Type.Literal('count-bucket'), bucket: Type.String(), after: Type.Optional(Type.String({ maxLength: 1024 })) }),
  /** Null: no quota. Setting it counts what is used. */
  Type.Object({ kind: Type.Literal('set-bucket-quota'), bucket: Type.String(), quotaBytes: QuotaBytes }),
  Type.Object({ kind: Type.Literal('set-user-quota'), name: Type.String(), quotaBytes: QuotaBytes }),
]);
export type AccountCommand = Static<typeof AccountCommand>;
export const UserView = Type.Object({
  name: Type.String(),
  id: Type.String(),
  createdAtMs: Type.Integer(),
  accessKeyIds: Type.Array(Type.String()),
  buckets: Type.Array(Type.Object({ name: Type.String(), createdAtMs: Type.Integer() })),
  ...quotaView,
});
export type UserView = Static<typeof UserView>;
export const BucketView = Type.Object({
  name: Type.String(),
  id: Type.String(),
  owner: Type.String(),
  createdAtMs: Type.Integer(),
  shards: Type.Integer(),
  copies: Type.Integer(),
  generation: Type.Integer(),
  ...quotaView,
});
export type BucketView = Static<typeof BucketView>;
/** What was counted in one go; `next`: give it as `after` to count on, null at the end. */
export const BucketContents = Type.Object({
  objects: Type.Integer(),
  bytes: Type.Integer(),
  next: Type.Union([Type.String(), Type.Null()]),
});
export type BucketContents = Static<typeof BucketContents>;
/** `list-users` on one node answers the accounts whose register it holds; the Controller merges all nodes. */
export const AccountCommandAnswer = Type.Object({
  user: Type.Optional(UserView),
  users: Type.Optional(Type.Array(UserView)),
  bucket: Type.Optional(BucketView),
  contents: Type.Optional(BucketContents),
  key: Type.Optional(Type.Object({ accessKeyId: Type.String(), secretAccessKey: Type.String() })),
});
export type AccountCommandAnswer = Static<typeof AccountCommandAnswer>;

// ---- node -> node over PeerTransport (JSON channels) -----------------------------------------

/** Channel `boot`: record my boot number. The answer says the highest recorded before. */
export const BootRequest = Type.Object({
  clusterId: ClusterId,
  nodeId: NodeId,
  boot: Type.Integer({ minimum: 1 }),
  /** Random to one start, so that its repetition is told from another process with the same number. */
  startId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  /** Newest epoch that it knows. */
  epoch: Type.Optional(Type.Integer({ minimum: 0 })),
  /** How far the sender's store has come: what it told once it never undercuts, unless its data directory was put back. */
  mark: Type.Integer({ minimum: 0 }),
});
export type BootRequest = Static<typeof BootRequest>;
export const BootAnswer = Type.Union([
  Type.Object({ recorded: Type.Integer() }),
  /** The start that stands, and the mark that goes with it. */
  Type.Object({ fenced: Type.Integer(), mark: Type.Integer() }),
  /** Not recorded: a newer epoch is under way, which the start has to be recorded in as well. */
  Type.Object({ certificate: EpochCertificate }),
]);
export type BootAnswer = Static<typeof BootAnswer>;

/** Channel `gossip`: SWIM ping; carries what lets the peer notice that one of us is behind. */
export const PingMessage = Type.Object({
  membershipVersion: Type.Integer(),
  epoch: Type.Integer(),
  phase: Type.Optional(EpochPhase),
  round: Type.Optional(Type.Integer()),
  freeBytes: Type.Integer(),
  serving: Type.Boolean(),
  /** The sender's boot number: another one says that it was away, however shortly. */
  boot: Type.Optional(Type.Integer()),
  /** The sender has written names that the receiver should hold, and had no answer from it. */
  missedWrites: Type.Optional(Type.Boolean()),
});
export type PingMessage = Static<typeof PingMessage>;
