import { sentencesOf } from './compose-text.ts';

/** Why a Cloud Service does not serve: told to its end users, to its Controller and in the console. */
export const servingTexts = {
  starting: 'it is starting.',
  diskFailed: 'The disk of this node has failed: {reason}',
  refused: 'The admin has fenced or removed this node.',
  noRings: 'The rings of this cluster have not been made yet. The admin creates them in the console.',
  notRecorded: 'The other nodes have not recorded this start yet.',
  recordedByFew: '{recorded} of {others} other nodes have recorded this start; {needed} are needed.',
  putBack:
    'Node {by} was told mark {told} by this node, and this data directory is at mark {mark}: it was put back as it was at an earlier time, or is a copy, and lacks what was written since. Put the newest one back, or join with an empty data directory and a new token.',
  startedElsewhere:
    'Node {by} has recorded start {recorded} of this node, and this one is start {boot}: a copy of the data directory was started meanwhile. If this directory is the newest, end the other process and start this one again; otherwise put the newest back, or join with an empty data directory and a new token.',
  unsaid: 'it does not say why',
  takesNoCopies: 'This Cloud Service takes no copies now: {reason}',
  isDrained: 'This Cloud Service is being drained and takes no new copies (blob {blob}).',
} as const;

export const servingSentence = sentencesOf('serving', servingTexts);
