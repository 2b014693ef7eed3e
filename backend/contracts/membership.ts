import Type, { type Static } from 'typebox';
import { ClusterId, NodeId, ShortName } from './ids.ts';
import { SignedLineage, type Lineage } from './lineage.ts';

/** Parameters that a Cloud Service brings when it asks to join. Sizes in bytes, speeds in bytes per second, prices in USD per GB. */
export const NodeParameters = Type.Object(
  {
    name: ShortName,
    provider: ShortName,
    region: ShortName,
    zone: ShortName,
    latitude: Type.Optional(Type.Number({ minimum: -90, maximum: 90 })),
    longitude: Type.Optional(Type.Number({ minimum: -180, maximum: 180 })),
    capacityBytes: Type.Integer({ minimum: 1 << 20, maximum: 2 ** 60 }),
    declaredReadBytesPerSecond: Type.Integer({ minimum: 1, maximum: 2 ** 50 }),
    declaredWriteBytesPerSecond: Type.Integer({ minimum: 1, maximum: 2 ** 50 }),
    storagePricePerGb: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6 })),
    egressPricePerGb: Type.Optional(Type.Number({ minimum: 0, maximum: 1e6 })),
  },
  { additionalProperties: false },
);
export type NodeParameters = Static<typeof NodeParameters>;

/** Where a node is reached, as base URLs without a trailing slash. */
export const NodeAddresses = Type.Object(
  {
    cluster: Type.String({ pattern: '^https://', maxLength: 300 }),
    s3: Type.String({ pattern: '^https?://', maxLength: 300 }),
    dashboard: Type.String({ pattern: '^https?://', maxLength: 300 }),
  },
  { additionalProperties: false },
);
export type NodeAddresses = Static<typeof NodeAddresses>;

export const NodeState = Type.Union([
  Type.Literal('joining'),
  Type.Literal('healthy'),
  Type.Literal('suspect'),
  Type.Literal('down'),
  Type.Literal('draining'),
  Type.Literal('removed'),
]);
export type NodeState = Static<typeof NodeState>;

/** Element j of the Cloud Service list: everything the cluster agrees on about Cloud Service j. */
export const NodeEntry = Type.Object({
  id: NodeId,
  parameters: NodeParameters,
  addresses: NodeAddresses,
  state: NodeState,
  /** SHA-256 (hex) of the node's public key (SPKI, DER). */
  publicKeyDigest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Weight set by the admin; otherwise it is computed from capacity and speed. */
  weightOverride: Type.Optional(Type.Integer({ minimum: 0, maximum: 1e9 })),
  /** While it is draining: nobody copies away from it for now. */
  drainPaused: Type.Optional(Type.Literal(true)),
  joinedAtMs: Type.Integer(),
  /** Version of the list in which this entry last changed. */
  changedInVersion: Type.Integer({ minimum: 1 }),
});
export type NodeEntry = Static<typeof NodeEntry>;

/** Fenced or removed identities. Versioned with the list and covered by its signature. */
export const Revocation = Type.Object({ nodeId: NodeId, reason: Type.String({ maxLength: 200 }), atMs: Type.Integer() });
export type Revocation = Static<typeof Revocation>;

/**
 * The Cloud Service list, whole (`sinceVersion` 0) or as the difference from a version that the
 * receiver has. The signature of the Controller covers `listDigest`, which covers the whole list
 * that results (contracts/membership-digest: canonical JSON of clusterId, version, nodes by id, revocations).
 */
export const MembershipUpdate = Type.Object({
  format: Type.Literal(1),
  clusterId: ClusterId,
  version: Type.Integer({ minimum: 1 }),
  sinceVersion: Type.Integer({ minimum: 0 }),
  /** Entries changed after `sinceVersion`. Removed nodes stay as entries in state `removed`. */
  changed: Type.Array(NodeEntry, { maxItems: 20_000 }),
  /** Those added after `sinceVersion`; a revocation is never taken back. */
  revocations: Type.Array(Revocation, { maxItems: 20_000 }),
  listDigest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  /** Base64 ECDSA signature (P-256, SHA-256, DER) of the Controller over `mcos membership 1\n<listDigest>`. */
  signature: Type.String({ maxLength: 300 }),
  /** Which changes that list contains; absent in earlier releases, and from a Controller that has changed nothing since it was one. */
  lineage: Type.Optional(SignedLineage),
});
export type MembershipUpdate = Static<typeof MembershipUpdate>;

/** A whole list in memory. */
export interface Membership {
  readonly clusterId: string;
  readonly version: number;
  /** By id, ascending. */
  readonly nodes: readonly NodeEntry[];
  readonly revocations: readonly Revocation[];
  /** Not a part of what the digest covers. */
  readonly lineage?: Lineage;
}
