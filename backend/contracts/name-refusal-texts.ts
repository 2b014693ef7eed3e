import { sentencesOf } from './compose-text.ts';

/** Why Cloud Services refuse what is asked of users, access keys, buckets and quotas, and of the names themselves. */
export const nameRefusalTexts = {
  // users and access keys
  noUser: 'There is no user "{name}". Check the name.',
  noUserName: '"{name}" is no user name: use 1 to 63 letters, digits, dots, dashes and underscores, the first a letter or digit.',
  userExists: 'The user "{name}" exists already. Choose another name.',
  ownsBuckets: 'The user "{name}" owns buckets still ({buckets}). Delete them first.',
  hasNewKey: 'The user "{name}" has just been given an access key. Try again.',
  noKey: 'There is no access key "{accessKey}". Check it, or ask for a new one.',
  noKeyId: '"{accessKey}" is no access key id: use 16 to 128 letters and digits.',
  noSecret: 'A secret access key has 16 to 128 characters, not {length}.',
  foreignKey: 'The access key {accessKey} does not belong to "{name}".',
  keyExists: 'The access key {accessKey} exists already. Choose another id.',
  tooManyKeys: 'The user "{name}" has {keys} access keys already. Remove one first.',
  tooManyBuckets: 'The user "{name}" has {buckets} buckets already. Delete one first.',
  // buckets
  noBucket: 'There is no bucket "{name}". Check the name.',
  noBucketNow: 'There is no bucket "{name}" any more. It was deleted meanwhile.',
  noBucketName:
    '{typed} is no name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes, first and last a letter or digit, no two dots in a row, no IP address.',
  bucketTaken: 'The bucket name "{name}" is taken. Choose another.',
  bucketOwned: 'You own the bucket "{name}" already.',
  foreignBucket: 'The bucket "{name}" belongs to somebody else.',
  bucketNotEmpty: 'The bucket "{name}" still has objects. Delete them first.',
  bucketReopened: 'The bucket "{name}" was opened again while it was being deleted. Try again.',
  bucketRemade: 'The bucket "{name}" is deleted and made again all the time. Try again.',
  bucketRemadeMeanwhile: 'The bucket "{name}" was deleted and made again several times meanwhile. Try again.',
  bucketRemadeUnderBytes:
    'The bucket "{name}" was deleted and made again while the bytes were on their way; nothing was stored. Send them again.',
  bucketMayBeDeleted: 'The bucket "{name}" may or may not have been deleted: {parts}. Look whether it is there, or delete it again.',
  bucketDeletionForgotten:
    'The bucket "{name}" may or may not have been deleted: its record has changed too often since to tell. Look whether it is there, or delete it again.',
  bucketHalfMade: 'The bucket "{name}" is there, but could not be entered into its owner\'s list yet ({parts}) Create it again to finish.',
  // quotas
  bucketQuotaExceeded:
    'The quota of the bucket "{name}" is {quota} bytes, of which {used} are used; {more} more do not fit. Delete something, or ask for a larger quota.',
  userQuotaExceeded:
    'The quota of the user "{name}" is {quota} bytes, of which {used} are used; {more} more do not fit. Delete something, or ask for a larger quota.',
  bucketQuotaBusy: '{writes} writes wait for the quota of the bucket "{name}". Try again.',
  userQuotaBusy: '{writes} writes wait for the quota of the user "{name}". Try again.',
  bucketQuotaUnseen: 'The quota of the bucket "{name}" could not be looked at. The log of this Cloud Service says why.',
  userQuotaUnseen: 'The quota of the user "{name}" could not be looked at. The log of this Cloud Service says why.',
  quotaJustSet: 'The quota of the bucket "{name}" has just been set; nothing was done. Try again.',
  quotaOvertaken: 'Another request has set this quota meanwhile. Set it again if it is not what you want.',
  quotaOfDeleted: 'The bucket "{name}" is being deleted again and again. Try again.',
  quotaOfRemade: 'The bucket "{name}" was deleted and made again while its quota was set. Set it again.',
  // names
  noRings: 'The rings have not been made yet. Try again once they are active.',
  noRingsUnchanged: 'The rings have not been made yet; nothing was changed. Try again once they are active.',
  noRingsNoRecords: 'The rings have not been made yet, so no partition holds records.',
  noRingsNoReplicas: 'The rings have not been made yet, so there are no replicas to compare.',
  silentMajority:
    'Fewer than a majority of the replicas of this name could take part (they did not answer); nothing was changed. Try again.',
  refusingMajority:
    'Fewer than a majority of the replicas of this name could take part (they answered "{reason}"); nothing was changed. Try again.',
  othersWon: 'Other changes of the same name kept winning; nothing was changed. Try again.',
  othersTookTime: 'other changes of the same name took all the time; nothing was changed. Try again.',
  manyOperations: '{operations} operations are under way; nothing was changed. Try again.',
  manyWait: '{changes} changes of the same name are waiting; nothing was changed. Try again.',
  replicasFull: 'The replicas of this name have no space left; nothing was changed. Free space or add a Cloud Service.',
  recordTooLarge: 'The name record would have {size} bytes; the limit is {most}. Use less metadata or fewer parts.',
  outcomeUnknown: 'The change may or may not have taken effect: {parts}. Read the name, or try again.',
  noSuchPlace: '"{after}" is no place in the list of names. Take it from the page before.',
} as const;

/** Why nobody can tell whether a change has taken effect, within them. */
export const unknownOutcomeTexts = {
  tooFewAnswered: 'too few replicas answered in time',
  changedTooOften: 'the record has changed too often since to tell',
  purged: 'deleted names have been purged since',
} as const;

/** What replicas answer that do not take part, within them: in English the word that goes over the wire. */
export const unavailableTexts = {
  'not-serving': 'not-serving',
  'old-start': 'old-start',
  'not-a-replica': 'not-a-replica',
  'storage-full': 'storage-full',
  'storage-failed': 'storage-failed',
  busy: 'busy',
  malformed: 'malformed',
  fenced: 'fenced',
  'not-fenced': 'not-fenced',
} as const;

export const nameRefusalSentence = sentencesOf('nameRefusal', nameRefusalTexts);
export const unavailableSentence = sentencesOf('unavailable', unavailableTexts);
export const unknownOutcomeSentence = sentencesOf('unknownOutcome', unknownOutcomeTexts);
