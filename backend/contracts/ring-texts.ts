import { sentencesOf } from './compose-text.ts';
import type { Spoken } from './spoken.ts';

/** Why a change of the rings ended, or was not begun. */
export const ringFailureTexts = {
  otherRings:
    '{clauses}; the Controller and {agreeing} of {members} nodes computed {digest}. Nothing was stored. Bring {names} to the version of the others, then create the rings again.',
  notAllConfirmed: 'Not every member confirmed the rings ({clauses}). Nothing was stored. Create the rings again when they answer.',
  tooFewConfirmed:
    '{confirmed} of the {members} members of epoch {epoch} have confirmed its rings; a majority is needed ({clauses}). Nothing was stored. Create the rings again when they answer.',
  noneAsked:
    '{confirmed} of the {members} members of epoch {epoch} have confirmed its rings; a majority is needed. Nothing was stored. Create the rings again when they answer.',
  partitionsWithout:
    'In {short} of {partitions} partitions of epoch {epoch} fewer than a majority of the replicas answer, so their names would stop. Nothing was stored. Bring nodes back, or leave those that do not answer out of the rings.',
  undecided: 'Epoch {epoch} could not be decided: {parts}. Nothing was stored.',
  undecidedLeft:
    'Epoch {epoch} could not be decided: {parts}. Some members may have accepted it: they finish it by themselves if enough of them have, otherwise the next change that is started may. Names are served by the present rings.',
  decidedOtherwise:
    'Epoch {epoch} was decided otherwise (digest {decided}, not {digest}): another Controller, or an earlier start of this one, had proposed it. That change is carried through; look at the list and plan again afterwards.',
  ringsNowhere: 'No Cloud Service that answers has the rings {digest}. They are asked again.',
  otherDigest: 'The Controller computes the digest {digest} for epoch {epoch}; its members decided {decided}.',
  withdrawn: 'Withdrawn by an administrator before anything was decided.',
  withdrawnUnstored: 'Withdrawn by an administrator before anything was stored.',
  diskFull:
    'The disk of the Controller is full, so the ring change was interrupted. Free space (its log names the file) and create the rings again; what was decided already is taken up at the next start of the Controller.',
  defect: 'The ring change ended with a defect; the log has the particulars. It is taken up again at the next start of the Controller.',
  tooFewHealthy: 'Rings need at least {fewest} healthy nodes; there are {healthy}. Add nodes or wait until they answer.',
  oneHealthy: 'Rings need at least {fewest} healthy nodes; there is 1. Add nodes or wait until they answer.',
  tooFewHealthyOf: 'Rings need at least {fewest} healthy nodes; there are {healthy} ({parts}). Add nodes or wait until they answer.',
  oneHealthyOf: 'Rings need at least {fewest} healthy nodes; there is 1 ({parts}). Add nodes or wait until they answer.',
  tooFewWeights: '{replicas} replicas need at least {replicas} nodes with a weight above 0; there are {weighed}. Give more nodes a weight.',
  tooFewStay:
    'The rings would be left with {weighed} nodes of a weight above 0; they need at least {fewest}. Add a node and make the rings with it first ("mcos ring create").',
  nothingToLeave: 'The rings have not been made yet: there is nothing to leave.',
  underWay: 'A ring change is under way. Watch it, or withdraw it first.',
  proposeUnderWay:
    'The change to epoch {epoch} is under way (propose). Watch it; the next can start when it is active. If nodes that it needs are lost for good, look at "mcos ring recover".',
  jointUnderWay:
    'The change to epoch {epoch} is under way (joint). Watch it; the next can start when it is active. If nodes that it needs are lost for good, look at "mcos ring recover".',
  syncUnderWay:
    'The change to epoch {epoch} is under way (sync). Watch it; the next can start when it is active. If nodes that it needs are lost for good, look at "mcos ring recover".',
} as const;

/** What stands within them. */
export const ringPartTexts = {
  computed: '{name} computed {digest}',
  said: '{name}: {reason}',
  several: '{clauses}',
  others: 'and {others} more',
  joiningNode: '{name}: it is joining',
  suspectNode: '{name}: it is suspect',
  downNode: '{name}: it is down',
  drainingNode: '{name}: it is draining',
  silentNode: '{name}: it has not answered yet',
  fencedNode: '{name}: it serves nobody: {reason}',
  readOnlyNode: '{name}: it takes no writes: {reason}',
  unasked: 'it was given up before anybody was asked',
  noMajority: 'no majority of the {members} members of epoch {epoch} took part ({reason})',
} as const;

/** So many nodes are named in a sentence; of a thousand that are silent the others are counted. */
const mostNamed = 5;

export const ringFailureSentence = sentencesOf('ringFailure', ringFailureTexts);
export const ringPartSentence = sentencesOf('ringPart', ringPartTexts);

/** Of one sentence for each of many nodes, the first few and how many more there are. Pure. */
export function firstOf(said: readonly [Spoken, ...Spoken[]]): readonly [Spoken, ...Spoken[]] {
  const [first, ...others] = said;
  const named = others.slice(0, mostNamed - 1);
  const more = others.length - named.length;
  return [first, ...named, ...(more === 0 ? [] : [ringPartSentence('others', { others: more })])];
}

/** Names of nodes, the first few and a sign that there are more. Pure. */
export function firstNames(names: readonly string[], most = mostNamed): string {
  return [...names.slice(0, most), ...(names.length > most ? ['…'] : [])].join(', ');
}
