import Type from 'typebox';
import { shortNamePattern } from './short-name.ts';

/** 16 lower-case hexadecimal characters, assigned by the Controller. Never used twice. */
export const NodeId = Type.String({ pattern: '^[0-9a-f]{16}$' });
export type NodeId = string;

/** 32 lower-case hexadecimal characters, made at first start of a Controller. */
export const ClusterId = Type.String({ pattern: '^[0-9a-f]{32}$' });
export type ClusterId = string;

/** 32 lower-case hexadecimal characters. */
export const BlobId = Type.String({ pattern: '^[0-9a-f]{32}$' });
export type BlobId = string;

/** 32 lower-case hexadecimal characters; the operation that a register change belongs to. */
export type OperationId = string;

export const ShortName = Type.String({ pattern: shortNamePattern });

export const ringNames = ['account', 'container', 'object'] as const;
export type RingName = (typeof ringNames)[number];
export const RingNameSchema = Type.Union([Type.Literal('account'), Type.Literal('container'), Type.Literal('object')]);
