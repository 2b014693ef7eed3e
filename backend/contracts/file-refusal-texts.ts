import { sentencesOf } from './compose-text.ts';

/** Why the User_Dashboard refuses something, and why objects cannot be written or read. */
export const fileRefusalTexts = {
  // sessions and requests
  noSession: 'You are not logged in, or the session has ended. Log in again.',
  wrongLogin: 'Unknown name or wrong password. Check both and try again.',
  lockedOut: 'Five failed logins: this account is locked from here for {minutes} more minutes.',
  lockedOutOneMinute: 'Five failed logins: this account is locked from here for 1 more minute.',
  loginsBusy: 'Many people are logging in at this moment. Try again in a few seconds.',
  otherHost: 'This port does not answer to the Host or Origin of the request. Open the dashboard by its own address.',
  tooLarge: 'The body of the request is larger than this call takes.',
  unreadable: 'The request cannot be read: {reason}',
  defect: 'Something went wrong here. The log of this node has the particulars.',
  nothingHere: 'There is nothing at {path}.',
  // files
  badName: 'The name of the file is not well-formed text. Rename it and try again.',
  longName: 'The name with its folders has {length} bytes; 1,024 are possible. Choose a shorter one.',
  uploadsBusy: '{uploads} uploads are running on this node. Try again when some have ended.',
  noLength: 'The upload does not say how long it is. Send a Content-Length.',
  longUpload: 'The body has {length} bytes; one may have {most}. Send larger files in parts.',
  noObject: 'The specified key does not exist.',
  clientGone: 'The client went away before the body was complete. Send it again.',
  brokeOff: 'The body broke off: {reason}. Send it again.',
  otherLength: 'The body has {length} bytes, but {declared} were declared. Send it again.',
  noRoom: 'Fewer than {copies} Cloud Services have room for this object. Delete something or add one.',
  tooFewCopies: 'Only {written} of {copies} copies could be written. Nothing was stored; try again.',
  longObject: 'The object would have {length} bytes; at most {most} are allowed.',
  copyGone: 'A copy of blob {blob} is not there any more. Nothing was changed; send the request again.',
  copiesSilent: 'Nodes that hold copies of blob {blob} cannot be asked about it now. Try again.',
  unreadableManifest: 'The manifest of the object cannot be read now: {parts}',
  unreadableCopies: 'None of the {copies} copies of these bytes can be read now. Try again.',
  unreadableCopiesBecause: 'None of the {copies} copies of these bytes can be read now ({parts}). Try again.',
  // bodies and copies
  longBody: 'The body declares {length} bytes; at most {most} are allowed. Use a multipart upload.',
  longerBody: 'The body is longer than {most} bytes, the most that is allowed. Use a multipart upload.',
  otherMd5: 'The Content-MD5 you specified did not match what we received.',
  otherChecksum: 'The {algorithm} you specified did not match the calculated checksum.',
  unverified: 'The body was stored without having been verified.',
  conditionFailed: 'At least one of the pre-conditions you specified did not hold',
  noEntries: 'A page must have at least one entry, not {limit}.',
  longCopy: 'Node {id} sent more of blob {blob} than was asked for.',
  shortCopy: 'Node {id} ended blob {blob} {missing} bytes early.',
  otherCopy: 'The copy of blob {blob} on node {id} has {length} bytes instead of {declared}.',
  silentCopy: 'Node {id} sent nothing of blob {blob} for {seconds} s.',
  otherRecord: 'The record says {declared} bytes, but holds {length}.',
  otherManifest: 'The manifest {blob} has format {format}; this version reads format 1.',
  // uploads in parts
  partOrder: 'The list of parts was not in ascending order. Parts must be ordered by part number.',
  smallParts: 'Your proposed upload is smaller than the minimum allowed size',
  partNumber: 'Part number must be an integer between 1 and 10000, inclusive',
  noResult: 'The upload {upload} is {state} without a result.',
  noUpload:
    'The specified multipart upload does not exist. The upload ID might be invalid, or the multipart upload might have been aborted or completed.',
  partReplaced: 'The part was replaced in between.',
  partsUnread: 'The list of parts could not be read whole. Try again.',
  missingPart:
    "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
  otherSize: "The provided 'x-amz-mp-object-size' header value {declared} does not match what was computed: {length}",
  uploadBusy: 'The upload is being completed or aborted by another request.',
  uploadCompleting: 'The upload is being completed. Complete it again, or delete the object afterwards.',
  uploadForgotten: 'The upload {upload} ended meanwhile, and whether it took effect is no longer known. Read the object.',
  uploadUnread: 'The upload could not be read: {parts}',
  uploadEndedElsewhere: 'The upload {upload} has been finished by another request. Look at the object.',
  uploadUnfinished:
    'The upload {upload} is being completed, but could not be finished yet ({parts}) It will be; complete it again to learn the end.',
} as const;

export const fileRefusalSentence = sentencesOf('fileRefusal', fileRefusalTexts);
