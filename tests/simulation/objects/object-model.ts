import type { Model } from '../linearizability.ts';

/**
 * One key of one bucket name, as its users see it over the bucket's lives: `gone` while there is no
 * bucket, `empty`, or the value.
 */
export type KeyState = 'gone' | 'empty' | `v${number}`;

export type ObjectOperation =
  | { readonly kind: 'put'; readonly value: KeyState }
  | { readonly kind: 'put-if-absent'; readonly value: KeyState }
  | { readonly kind: 'put-if-match'; readonly expected: KeyState; readonly value: KeyState }
  | { readonly kind: 'refused-if-absent' }
  | { readonly kind: 'refused-if-match'; readonly expected: KeyState }
  | { readonly kind: 'found'; readonly value: KeyState }
  | { readonly kind: 'remove' }
  | { readonly kind: 'create-bucket' }
  | { readonly kind: 'bucket-is-there' }
  | { readonly kind: 'remove-bucket' };

/** The state after an answered operation; undefined: that answer was impossible. */
export const keyModel: Model<KeyState, ObjectOperation> = (state, operation) => {
  switch (operation.kind) {
    case 'put':
      return state === 'gone' ? undefined : operation.value;
    case 'put-if-absent':
      return state === 'empty' ? operation.value : undefined;
    case 'put-if-match':
      return state === operation.expected ? operation.value : undefined;
    case 'refused-if-absent':
      return state === 'gone' || state === 'empty' ? undefined : state;
    case 'refused-if-match':
      return state === 'gone' || state === operation.expected ? undefined : state;
    case 'found':
      return state === operation.value ? state : undefined;
    case 'remove':
      return state === 'gone' ? undefined : 'empty';
    case 'create-bucket':
      return state === 'gone' ? 'empty' : undefined;
    case 'bucket-is-there':
      return state === 'gone' ? undefined : state;
    case 'remove-bucket':
      return state === 'empty' ? 'gone' : undefined;
  }
};
