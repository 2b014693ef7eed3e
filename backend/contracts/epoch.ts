import Type, { type Static } from 'typebox';
import { ClusterId, NodeId, ShortName } from './ids.ts';

/** What the builder needs to know of one member. The order (by id) gives the index in the rings. */
export const EpochMember = Type.Object({
  id: NodeId,
  name: ShortName,
  zone: ShortName,
  weight: Type.Integer({ minimum: 0, maximum: 1e9 }),
});
export type EpochMember = Static<typeof EpochMember>;

/** How often a change can lose a majority and go on: what fits beside the phase on the wire. */
export const mostRounds = 15;

/** The input from which every node computes the same three rings. */
export const EpochProposal = Type.Object({
  format: Type.Literal(1),
  clusterId: ClusterId,
  epoch: Type.Integer({ minimum: 1, maximum: 0xffff_ffff }),
  /** Counts the attempts at the first epoch; from the second epoch on always 1. */
  attempt: Type.Integer({ minimum: 1 }),
  members: Type.Array(EpochMember, { minItems: 3, maxItems: 20_000 }),
  partitionPower: Type.Integer({ minimum: 1, maximum: 18 }),
  replicas: Type.Integer({ minimum: 1, maximum: 5 }),
  membershipVersion: Type.Integer({ minimum: 1 }),
  /** From the second epoch on: digest of the rings that these are built from, so that a change has exactly one predecessor. */
  previousDigest: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  /** Nodes that an administrator has given up after a majority was lost for good, by the Controller's signature (epochs/recovery.ts). */
  recovery: Type.Optional(
    Type.Object({
      givenUp: Type.Array(NodeId, { minItems: 1, maxItems: 20_000 }),
      /** The nodes were lost in the midst of this change, after its decision: how often that has happened to it. */
      round: Type.Optional(Type.Integer({ minimum: 1, maximum: mostRounds })),
      /** DER of the Controller's certificate, base64. */
      certificate: Type.String({ maxLength: 4000 }),
      signature: Type.String({ maxLength: 300 }),
    }),
  ),
});
export type EpochProposal = Static<typeof EpochProposal>;

/** A member's signed word that it has durably accepted (epoch, attempt, digest). */
export const EpochAcknowledgement = Type.Object({
  nodeId: NodeId,
  /** DER of the member's certificate, base64: any node can verify against the CA. */
  certificate: Type.String({ maxLength: 4000 }),
  /**
   * Base64 ECDSA signature over `mcos epoch 1\n<clusterId>\n<epoch>\n<attempt>\n<digest>\n<phase>`; from the second
   * epoch on `mcos epoch 2\n<clusterId>\n<epoch>\n<digest>\n<phase>\n<previousDigest>\n<counter>.<proposer>`.
   */
  signature: Type.String({ maxLength: 300 }),
});
export type EpochAcknowledgement = Static<typeof EpochAcknowledgement>;

export const EpochPhase = Type.Union([Type.Literal('propose'), Type.Literal('joint'), Type.Literal('sync'), Type.Literal('active')]);
export type EpochPhase = Static<typeof EpochPhase>;

/** Ballot in the epoch register: unique to one start of one proposer; compared counter first. */
export const EpochBallot = Type.Object({
  counter: Type.Integer({ minimum: 0, maximum: 2 ** 48 }),
  /** 16 hexadecimal characters, random to one start of a Controller or node. */
  proposer: Type.String({ pattern: '^[0-9a-f]{16}$' }),
});
export type EpochBallot = Static<typeof EpochBallot>;

/** Proof that an epoch is decided: whoever holds it adopts it, whoever asks gets it. */
export const EpochCertificate = Type.Object({
  format: Type.Literal(1),
  proposal: EpochProposal,
  /** SHA-256 (hex) over the canonical form of all three rings. */
  digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  phase: EpochPhase,
  acknowledgements: Type.Array(EpochAcknowledgement, { maxItems: 20_000 }),
  /**
   * From the second epoch on: `acknowledgements` are those of a majority of the members of `predecessor`, who
   * accepted (epoch, digest, phase) at exactly this ballot of the epoch register.
   */
  decision: Type.Optional(Type.Object({ ballot: EpochBallot, predecessor: EpochProposal })),
});
export type EpochCertificate = Static<typeof EpochCertificate>;

/**
 * Signed when the CA is made: names the one Controller that may propose epoch 1, and the seed of
 * the name hashes. Every node gets it when it joins and keeps it.
 */
export const GenesisRecord = Type.Object({
  format: Type.Literal(1),
  clusterId: ClusterId,
  clusterName: ShortName,
  controllerId: NodeId,
  /** 32 hexadecimal characters; cluster seed of ring salts and name hashes. */
  seed: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  createdAtMs: Type.Integer(),
  /** Base64 ECDSA signature of the CA over `mcos genesis 1\n` and the canonical JSON of the other fields. */
  signature: Type.String({ maxLength: 300 }),
});
export type GenesisRecord = Static<typeof GenesisRecord>;
