import { failed, success, type Outcome } from '../base/outcome.ts';
import { mostRounds, type EpochCertificate } from '../contracts/epoch.ts';
import { epochRefusalSentence } from '../contracts/epoch-refusal-texts.ts';
import { spokenFailure } from '../contracts/errors.ts';
import type { EpochInChange } from './change-driver.ts';
import { decideEpoch, type EpochRegisterDeps } from './epoch-register.ts';
import { givenUpBy, recoveryText, roundOf } from './recovery.ts';

/** Signs with the key of a Controller; `certificate` is the DER of its certificate, base64. */
export type ControllerSigner = (text: string) => Promise<{ readonly certificate: string; readonly signature: string }>;

const tries = 6;

/**
 * Ends a decided change without nodes that were lost for good in the midst of it: the same rings, in the next round of
 * phase sync (recovery.ts); the certificate that stands when all of them have been given up already. Whoever drives the change goes on by the certificate. Failures: EpochConflict, QuorumUnavailable.
 */
export async function giveUpInChange(
  deps: EpochRegisterDeps & { readonly sign: ControllerSigner },
  change: EpochInChange,
  nodeIds: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<EpochCertificate>> {
  const { proposal, digest } = change.certificate;
  const epoch = String(proposal.epoch);
  if (change.previous === null) return failed(spokenFailure('EpochConflict', epochRefusalSentence('changeEnded', { epoch })));
  // Asked again, by an administrator whose Controller died on the way, say: the round that there is goes on.
  const before = givenUpBy(proposal);
  if (roundOf(proposal) > 0 && nodeIds.every((nodeId) => before.has(nodeId))) return success(change.certificate);
  const round = roundOf(proposal) + 1;
  if (round > mostRounds) return failed(spokenFailure('EpochConflict', epochRefusalSentence('manyRounds', { rounds: mostRounds, epoch })));
  const givenUp = [...new Set([...before, ...nodeIds])].sort();
  const signed = await deps.sign(recoveryText(proposal, digest, givenUp, round));
  const decision = await decideEpoch(deps, {
    predecessor: change.previous.certificate,
    wanted: {
      proposal: { ...proposal, recovery: { givenUp, round, ...signed } },
      digest,
      // A replica answers the scans of this round only when it works by it, so phase joint need not be over.
      phase: 'sync',
      confirmedBy: proposal.members.map(({ id }) => id),
    },
    tries,
    signal,
  });
  if (decision.kind !== 'undecided') return success(decision.certificate);
  return failed(spokenFailure('QuorumUnavailable', epochRefusalSentence('notEnded', { epoch, reason: decision.reason })));
}
