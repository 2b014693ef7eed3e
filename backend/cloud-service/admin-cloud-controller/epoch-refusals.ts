import type { EpochProposal } from '../../contracts/epoch.ts';
import { epochRefusalSentence } from '../../contracts/epoch-refusal-texts.ts';
import { spokenFailure, type CatalogueFailure } from '../../contracts/errors.ts';

/** This node computes other rings than whoever sent `digest`. */
export function otherDigest(computed: string, proposal: EpochProposal, digest: string): CatalogueFailure {
  const said = epochRefusalSentence('otherDigest', { computed, epoch: String(proposal.epoch), digest });
  return spokenFailure('DigestMismatch', said, { digest: computed });
}

/** `withdrawn`: the last attempt that this node has sworn off. */
export function withdrawnHere(proposal: EpochProposal, withdrawn: number): CatalogueFailure {
  const said = epochRefusalSentence('attemptWithdrawn', { attempt: String(proposal.attempt), withdrawn: String(withdrawn) });
  return spokenFailure('EpochConflict', said);
}
