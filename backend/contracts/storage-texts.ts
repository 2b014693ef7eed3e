import { sentencesOf } from './compose-text.ts';

/** What is wrong with a disk, or with what lies on it. */
export const storageTexts = {
  // stores as a whole
  blobsFailed: 'The store of blobs in {directory} failed: {reason}',
  namesFailed: 'The store of names failed: {reason}',
  documentsFailed: 'The store of documents failed: {reason}',
  blobsBroken: 'The store of blobs in {directory} takes nothing any more ({reason}). Check the disk, then restart.',
  noRoomForBlobs: 'No space left for blobs in {directory}: delete objects, or add space or another node.',
  noRoomFor: 'No space left for {path}: free some space, or delete objects, and try again.',
  reading:
    'Reading {path} failed ({reason}): this process must stop serving from it. Check the disk; if it is damaged, start with a new data directory.',
  writing: 'Writing {path} failed ({reason}): this process must stop serving from it. Check the disk, then restart.',
  writingFailed: 'Writing {path} failed.',
  syncOfBlob: 'fsync of a blob: {reason}',
  syncOf: 'fsync of {path}: {reason}',
  epochUnstored: 'Epoch {epoch} could not be stored: {reason}',
  // the store of names
  unanswered: 'The writer of {path} left a batch unanswered.',
  writerDied: 'The writer of {path} died: {reason}.',
  writerEnded: 'The writer of {path} ended unasked.',
  isClosed: 'The register store {path} is closed.',
  isClosing: 'The register store {path} is closing.',
  cannotOpen: 'The register store {path} cannot be opened: {reason}.',
  diskBehind: '{batches} batches ({queued} bytes) wait for the disk of {path}; try again.',
  otherFormat: '{path} has format {format}; this release reads format {known}: use the release that wrote it.',
  // the data directory
  directoryUnusable: 'The data directory {directory} cannot be used: {reason}. Check that it exists and may be written.',
  directoryReadOnly:
    "The data directory {directory} cannot be used: {reason}. The file system is read-only, perhaps for this service alone: create the directory for the service's user, and give its systemd unit ReadWritePaths={directory} (systemctl edit).",
  directoryHeld: 'The data directory {directory} is held by another process: stop it, or choose another directory.',
  directoryHeldBy: 'The data directory {directory} is held by process {pid}: stop it, or choose another directory.',
  // single blobs
  blobTrouble: 'Blob {blob} in {directory}: {reason}. Check the disk.',
  manyFiles: 'Too many files are open for blob {blob} in {directory}; try again.',
  noBlob: 'There is no blob {blob} on this node.',
  blobThere: 'A blob {blob} is here already, or is being written.',
  blobRemoved: 'Blob {blob} was removed while it was being written.',
  blobCutOff: 'The content of blob {blob} ended early: {reason}. Send it again.',
  blobDamaged: 'Blob {blob} is damaged here: {reason}. Read another copy; the healer replaces this one.',
  damageShort: 'it has only {length} bytes',
  damageHeader: 'its header is wrong',
  damageEnd: 'its end is missing or wrong',
  damageCut: 'it ends within piece {piece}',
  damagePiece: 'the checksum of piece {piece} is wrong',
  damageUnreadable: 'the disk cannot read it',
  longOwner: 'The owner of a blob may have {most} bytes, not {length}.',
  noBlobId: 'A blob id has 32 hexadecimal characters, not "{typed}".',
} as const;

export const storageSentence = sentencesOf('storage', storageTexts);
