import type { DocumentStore } from '../../base/document-store.ts';
import type { Spoken } from '../../contracts/spoken.ts';
import type { EpochCertificate, EpochProposal } from '../../contracts/epoch.ts';

/** Where the first epoch stands, durably. Nothing is stored before every member has confirmed the digest. */
export type FirstEpochState =
  | { readonly kind: 'none'; readonly lastAttempt: number }
  /** The one choice of attempt n; only acknowledgements of exactly this may become a certificate. */
  | { readonly kind: 'chosen'; readonly choice: Choice }
  /** No certificate of this attempt will be made by us any more. */
  | {
      readonly kind: 'withdrawing';
      readonly choice: Choice;
      readonly reason: string;
      /** The same for translations; missing where an earlier release has withdrawn it. */
      readonly spokenReason?: Spoken;
      readonly again: 'next-attempt' | 'stop';
    }
  | { readonly kind: 'certified'; readonly certificate: EpochCertificate; readonly decidedAtMs: number };

export interface Choice {
  readonly proposal: EpochProposal;
  readonly digest: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
}

export interface EpochStore {
  readonly state: FirstEpochState;
  /** Returns when the state survives a power cut. */
  save(state: FirstEpochState): void;
}

export function openEpochStore(documents: DocumentStore): EpochStore {
  let state = documents.get<{ state: FirstEpochState }>('rings', 'first-epoch')?.state ?? { kind: 'none', lastAttempt: 0 };
  return {
    get state() {
      return state;
    },
    save: (next) => {
      documents.commit([{ kind: 'put', collection: 'rings', key: 'first-epoch', document: { format: 1, state: next } }]);
      state = next;
    },
  };
}
