import Type, { type Static } from 'typebox';
import { EpochAcknowledgement, EpochBallot, EpochCertificate, EpochPhase, EpochProposal } from './epoch.ts';
import { NodeId } from './ids.ts';

/**
 * What a change from one epoch to the next says to a node: the same bodies from a Controller (method `epoch-change`
 * of the cluster port) and from another node (channel `epochChange`). Version 1.
 */

const Hex64 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** Base64 of 2^18 partitions of five replicas, sixteen bits each. */
const longestAssignment = 3_500_000;

/**
 * The three assignments of an epoch, partition-major, each in base64; the digest proves them. Format 2: every index in the
 * fewest bits that hold the number of members, the highest bit first. Without a format, as older versions have stored
 * it: Uint16LE.
 */
export const EncodedRings = Type.Object({
  format: Type.Optional(Type.Literal(2)),
  proposal: EpochProposal,
  digest: Hex64,
  account: Type.String({ maxLength: longestAssignment }),
  container: Type.String({ maxLength: longestAssignment }),
  object: Type.String({ maxLength: longestAssignment }),
});
export type EncodedRings = Static<typeof EncodedRings>;

/** What the epoch register of epoch e+1 holds at one of its acceptors, the members of e. */
export const EpochChoice = Type.Object({
  proposal: EpochProposal,
  digest: Hex64,
  phase: EpochPhase,
  /** Members of the new epoch that have computed this digest: a majority of them, or nothing may be accepted. */
  confirmedBy: Type.Array(NodeId, { maxItems: 20_000 }),
});
export type EpochChoice = Static<typeof EpochChoice>;

/** A choice as an acceptor holds it. */
export const AcceptedChoice = Type.Object({ ballot: EpochBallot, choice: EpochChoice });
export type AcceptedChoice = Static<typeof AcceptedChoice>;

/** Numbers of partitions of the epoch before, by ring. */
export const PartitionsByRing = Type.Object({
  account: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1 << 18 }),
  container: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1 << 18 }),
  object: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 1 << 18 }),
});
export type PartitionsByRing = Static<typeof PartitionsByRing>;

/** Start of a node as its peers have recorded it. */
export const RecordedStart = Type.Object({
  nodeId: NodeId,
  boot: Type.Integer({ minimum: 1 }),
  startId: Type.String({ pattern: '^[0-9a-f]{16}$' }),
  /** How far its store had come, by what it told. */
  mark: Type.Integer({ minimum: 0 }),
});
export type RecordedStart = Static<typeof RecordedStart>;

export const EpochChangeRequest = Type.Union([
  /** Compute the rings of the proposal; stores nothing. */
  Type.Object({ kind: Type.Literal('confirm'), proposal: EpochProposal, previous: Type.Optional(EncodedRings) }),
  /** Epoch register, first half: promise `ballot`. */
  Type.Object({ kind: Type.Literal('prepare'), epoch: Type.Integer({ minimum: 2 }), ballot: EpochBallot }),
  /** Second half: accept and sign. */
  Type.Object({ kind: Type.Literal('accept'), ballot: EpochBallot, choice: EpochChoice }),
  /** Verify, fsync, work by it. */
  Type.Object({ kind: Type.Literal('adopt'), certificate: EpochCertificate }),
  /** Carry these partitions over (numbers of the epoch before) and tell what is done so far. */
  Type.Object({
    kind: Type.Literal('carry'),
    epoch: Type.Integer(),
    round: Type.Optional(Type.Integer()),
    assign: Type.Optional(PartitionsByRing),
  }),
  /** All starts recorded here; from now on starts that do not know this epoch are sent on to it. */
  Type.Object({ kind: Type.Literal('collect-starts'), certificate: EpochCertificate }),
  Type.Object({ kind: Type.Literal('record-starts'), starts: Type.Array(RecordedStart, { maxItems: 20_000 }) }),
  /** The newest certificate, what is accepted beyond it, and (with `digest`) rings known here. */
  Type.Object({ kind: Type.Literal('show'), digest: Type.Optional(Hex64) }),
]);
export type EpochChangeRequest = Static<typeof EpochChangeRequest>;

export const EpochChangeAnswer = Type.Union([
  Type.Object({ kind: Type.Literal('confirmed'), digest: Hex64, computedInMs: Type.Number() }),
  Type.Object({
    kind: Type.Literal('promised'),
    accepted: Type.Union([AcceptedChoice, Type.Null()]),
  }),
  Type.Object({ kind: Type.Literal('accepted'), acknowledgement: EpochAcknowledgement }),
  /** A higher ballot was promised. */
  Type.Object({ kind: Type.Literal('refused'), promised: EpochBallot }),
  /** The node is behind: it knows `epoch` only. */
  Type.Object({ kind: Type.Literal('behind'), epoch: Type.Integer(), phase: Type.Union([EpochPhase, Type.Null()]) }),
  /** The node is beyond the epoch that the request is about. */
  Type.Object({ kind: Type.Literal('ahead'), certificate: EpochCertificate }),
  /** It works by (epoch, phase, round), durably. */
  Type.Object({ kind: Type.Literal('adopted'), epoch: Type.Integer(), phase: EpochPhase, round: Type.Optional(Type.Integer()) }),
  Type.Object({
    kind: Type.Literal('carried'),
    epoch: Type.Integer(),
    phase: EpochPhase,
    round: Type.Optional(Type.Integer()),
    done: PartitionsByRing,
    /** Assigned and not done yet. */
    open: Type.Integer(),
    names: Type.Integer(),
  }),
  Type.Object({ kind: Type.Literal('starts'), starts: Type.Array(RecordedStart, { maxItems: 20_000 }) }),
  Type.Object({ kind: Type.Literal('recorded') }),
  Type.Object({
    kind: Type.Literal('shown'),
    certificate: Type.Union([EpochCertificate, Type.Null()]),
    rings: Type.Union([EncodedRings, Type.Null()]),
    /** What the epoch register holds here of an epoch beyond the certificate's. */
    accepted: Type.Optional(AcceptedChoice),
  }),
]);
export type EpochChangeAnswer = Static<typeof EpochChangeAnswer>;
