import type { Failure } from '../../base/outcome.ts';

/** Rows as the writer takes them: numbers and bytes only. */
export type WriterRow =
  | {
      readonly kind: 'register';
      readonly ring: number;
      readonly hash: number;
      readonly key: Uint8Array;
      readonly ballot: Uint8Array;
      readonly head: Uint8Array;
      readonly inline: Uint8Array | null;
    }
  | { readonly kind: 'delete'; readonly ring: number; readonly hash: number; readonly key: Uint8Array }
  | { readonly kind: 'delete-range'; readonly ring: number; readonly hash: number; readonly toHash: number }
  | { readonly kind: 'state'; readonly name: string; readonly bytes: Uint8Array | null };

export type WriterBatch = readonly WriterRow[];

/** `packed`: the batches (packed-batches.ts), given away. */
export type WriterRequest = { readonly kind: 'write'; readonly packed: Uint8Array<ArrayBuffer> } | { readonly kind: 'close' };

/** Result of one batch, in the order of the batches. Null: committed and durable. */
export type BatchResult = Failure | null;

export type WriterReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly failure: Failure }
  | { readonly kind: 'written'; readonly results: readonly BatchResult[]; readonly ended: boolean }
  | { readonly kind: 'closed' };
