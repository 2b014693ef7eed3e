import { sentencesOf } from './compose-text.ts';

/** Why a Cloud Service may not be removed. */
export const removalTexts = {
  changedMeanwhile:
    'It has changed while its copies were counted: it came back, its drain was begun or taken back, or the rings were changed. Look at it, and try again.',
  drainNotFinished: 'Its drain is not finished ({parts}): wait for it, see "mcos node drain {name} --status".',
  suspect: 'It is suspect ({parts}), not down: it may answer again and be given copies. Wait until it is one or the other.',
  joining: 'It is joining ({parts}) and takes copies: drain it first with "mcos node drain {name}".',
  healthy: 'It is healthy ({parts}) and takes copies: drain it first with "mcos node drain {name}".',
  removed: 'It is removed ({parts}) and takes copies: drain it first with "mcos node drain {name}".',
  ringsChange: 'The rings are being changed: wait until the new ones are active.',
  inRings: 'It is in the rings of epoch {epoch}, so names depend on it: "mcos node drain {name}" makes rings without it.',
  downInRings:
    'It is in the rings of epoch {epoch}, so names depend on it: "mcos node drain {name}" makes rings without it, and so does "mcos ring create".',
  copiesNamed: '{blobs} copies with {bytes} on it are named by records: they are made again elsewhere first.',
  onlyThere:
    '{blobs} of these blobs with {bytes} have no copy on another Cloud Service that answers. Bring those that hold one back; "mcos node fence" gives them up.',
  unreadableLists: '{lists} lists of blobs of long objects cannot be read now, and may name it.',
  silent:
    'Whether records name it cannot be told for every partition: {names} did not answer. Try again when a majority of the replicas answers.',
  olderRecords:
    'Whether records name it cannot be told for every partition: some replicas still hold older records. Try again when a majority of the replicas answers.',
} as const;

/** What a drain waits for, and what is worth knowing before it begins. */
export const drainTexts = {
  copiesFailed:
    'Copies could not be made yet, and are tried again: {names}. Is there room, and does a Cloud Service answer that has the bytes?',
  onlyThere: '{blobs} blobs have no copy on another Cloud Service that answers: {name} must come back, or another that has them.',
  fromOthers: 'It does not answer: its copies are made from the others.',
  unreadableLists: '{lists} lists of blobs of long objects cannot be read now; they are tried again.',
  silent: 'Waits for a majority of the replicas of every partition; no answer yet from {names}.',
  notAnswering: 'It does not answer just now: whether anything is still being written there is not known yet.',
  beingRemoved: '{blobs} blobs on its disk are being checked and removed; those of open uploads stay until these end.',
  ringsBusy: 'Waits until the change of the rings that is under way is active.',
  ringsChanging: 'The rings are being changed.',
  noZoneLeft: 'Without {name} there are 0 zones left that answer: copies will share a zone.',
  oneZoneLeft: 'Without {name} there is 1 zone left that answer: copies will share a zone.',
} as const;

/** How far a drain is, within other sentences. */
export const drainStateTexts = {
  copying: 'copying',
  paused: 'paused',
  'leaving-rings': 'leaving-rings',
  drained: 'drained',
  cancelled: 'cancelled',
} as const;

export const removalSentence = sentencesOf('removal', removalTexts);
export const drainSentence = sentencesOf('drain', drainTexts);
export const drainStateSentence = sentencesOf('drainState', drainStateTexts);
