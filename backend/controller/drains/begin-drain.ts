import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import type { EpochCertificate } from '../../contracts/epoch.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import { drainSentence } from '../../contracts/drain-texts.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { NodeEntry } from '../../contracts/membership.ts';
import { canBeWithout } from '../rings/leave-plan.ts';

export interface BeginFacts {
  readonly node: NodeEntry;
  readonly certificate: EpochCertificate | undefined;
  /** Everybody else whose certificate is not refused. */
  readonly others: readonly NodeEntry[];
  /** As last measured; undefined: it does not answer. An earlier release does not tell `blobBytes`. */
  /** Whether it says that it must not serve: then it takes no copies. */
  readonly refuses: (nodeId: string) => boolean;
  readonly space: (nodeId: string) => { readonly freeBytes: number; readonly usedBytes: number; readonly blobBytes?: number } | undefined;
}

export interface BeginChecked {
  readonly warnings: readonly Sentence[];
}

/** Copies are kept in as many zones by default. */
const zonesWanted = 2;

/** Whether the others can do without the node, before anything is begun. Pure. */
export function checkBegin({ node, certificate, others, refuses, space }: BeginFacts): Outcome<BeginChecked> {
  const { name } = node.parameters;
  if (node.state === 'removed') return failed(spokenFailure('Conflict', refusalSentence('isRemoved', { name })));
  if (node.state === 'draining') return failed(spokenFailure('Conflict', refusalSentence('isDrained', { name })));
  if (certificate === undefined) return failed(spokenFailure('NotReady', refusalSentence('nothingStored', { name })));
  const staying = others.filter(({ state }) => state !== 'removed' && state !== 'draining');
  const stayingIds = new Set(staying.map(({ id }) => id));
  const possible = canBeWithout(
    certificate.proposal,
    certificate.proposal.members.filter(({ id }) => stayingIds.has(id)),
  );
  if (!possible.ok) return possible;
  const answering = staying.filter(({ id, state }) => state === 'healthy' && !refuses(id));
  const freeBytes = answering.reduce((sum, { id }) => sum + (space(id)?.freeBytes ?? 0), 0);
  const here = space(node.id);
  // What others keep on the same disk is not copied away; without a count of the blobs it is the upper bound.
  const heldBytes = here?.blobBytes ?? here?.usedBytes ?? 0;
  if (heldBytes > freeBytes)
    return failed(spokenFailure('StorageFull', refusalSentence('noRoomElsewhere', { name, held: heldBytes, free: freeBytes })));
  const zones = new Set(answering.map(({ parameters }) => `${parameters.provider}/${parameters.region}/${parameters.zone}`));
  const warnings = zones.size >= zonesWanted ? [] : [drainSentence(zones.size === 1 ? 'oneZoneLeft' : 'noZoneLeft', { name })];
  return success({ warnings });
}
