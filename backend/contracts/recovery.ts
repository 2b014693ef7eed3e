import Type, { type Static } from 'typebox';
import { NodeId, RingNameSchema } from './ids.ts';
import { NodeState } from './membership.ts';

/**
 * Going on after a majority is lost for good. Bodies of the admin API under /api/v1.
 *
 *   GET    /rings/recovery              RecoveryView: what is lost, and what may be lost with it (nothing is changed)
 *   POST   /rings/recovery              RecoveryRequest -> RingChangeView (202)
 */

const Count = Type.Integer({ minimum: 0 });

export const RecoveryView = Type.Object({
  clusterName: Type.String(),
  epoch: Count,
  /** The change to this epoch is under way; nodes of the epoch before count as well, and a recovery ends it first. */
  changing: Type.Boolean(),
  /** Some partition has too few replicas that serve, its others being lost or stuck: its names cannot be read or written. */
  needed: Type.Boolean(),
  /** Members of the rings that are down, or refused, or are being drained and reached by nobody. */
  lostNodes: Type.Array(Type.Object({ nodeId: NodeId, name: Type.String(), state: NodeState, evidence: Type.String() })),
  /**
   * Members that answer and hold all that they ever held, but serve nobody: their last start cannot be recorded, because half or more of the
   * other members are away. They serve as soon as enough of the lost ones are back, or given up.
   */
  stuckNodes: Type.Array(Type.Object({ nodeId: NodeId, name: Type.String(), reason: Type.String() })),
  rings: Type.Array(
    Type.Object({
      ring: RingNameSchema,
      partitions: Count,
      /** A majority of the replicas is with lost nodes: what is left may be older than what was acknowledged. */
      majorityLost: Count,
      /** Of these: all replicas are with lost nodes, so every name in it is lost. */
      allLost: Count,
    }),
  ),
  /** Names in partitions that have lost their majority, as far as replicas are left that know them. */
  names: Type.Array(Type.Object({ ring: RingNameSchema, name: Type.String() })),
  moreNames: Type.Boolean(),
});
export type RecoveryView = Static<typeof RecoveryView>;

export const RecoveryRequest = Type.Object(
  {
    acceptDataLoss: Type.Literal(true),
    /** As typed by the administrator. */
    clusterName: Type.String({ maxLength: 63 }),
    /** Names of exactly the nodes that are lost, as the view named them. */
    giveUp: Type.Array(Type.String({ maxLength: 63 }), { minItems: 1, maxItems: 20_000 }),
  },
  { additionalProperties: false },
);
export type RecoveryRequest = Static<typeof RecoveryRequest>;
