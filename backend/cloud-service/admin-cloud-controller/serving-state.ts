import type { Sentence } from '../../contracts/spoken.ts';

/** Whether this node serves end users, and if not, why (told to them in their language). */
export type ServingState =
  | { readonly kind: 'serving' }
  | { readonly kind: 'waiting-for-rings' | 'waiting-for-boot-record' | 'read-only' | 'fenced'; readonly reason: Sentence };

/** Reads are answered while serving, and in read-only. */
export function mayRead(state: ServingState): boolean {
  return state.kind === 'serving' || state.kind === 'read-only';
}
