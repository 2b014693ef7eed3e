import Type, { type Static } from 'typebox';

/** One entry of the audit log: who did what. */
export const AuditView = Type.Object({
  sequence: Type.Integer(),
  atMs: Type.Integer(),
  actor: Type.String(),
  address: Type.String(),
  action: Type.String(),
  subject: Type.String(),
  outcome: Type.String(),
  previousHash: Type.String(),
  hash: Type.String(),
});
export type AuditView = Static<typeof AuditView>;

/** Whether every hash follows from the one before and nothing is missing at the end. */
export const AuditCheckView = Type.Object({
  intact: Type.Boolean(),
  entries: Type.Integer(),
  /** The first sequence that is changed or missing. */
  firstBroken: Type.Union([Type.Integer(), Type.Null()]),
});
export type AuditCheckView = Static<typeof AuditCheckView>;
