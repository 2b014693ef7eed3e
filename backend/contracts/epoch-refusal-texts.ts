import { sentencesOf } from './compose-text.ts';

/** Why rings, a certificate of theirs or a step of a change is refused; who reads it is an administrator, in the note of a node that refuses. */
export const epochRefusalTexts = {
  // what is proposed
  noRingsFor: 'No rings can be made for epoch {epoch}: {reason}.',
  memberTwice: 'the member {name} ({id}) is named twice',
  tooFewWeighed: '{replicas} replicas need as many members with a weight above 0, and there are {weighed}',
  fewerPartitions: 'the number of partitions may not fall from 2^{before} to 2^{power}; partitions split and never merge',
  namedTwice: 'A member is named twice in the proposal of epoch {epoch}.',
  notAmong: 'This node ({id}) is not among the members of the proposal.',
  ringsOfOther: 'The rings are for cluster {theirs}; this node is in {own}.',
  epochOfOther: 'The epoch belongs to cluster {theirs}; this is {own}.',
  notNext: 'This node is in epoch {epoch}; the next is {next}, not {proposed}.',
  followsUnknown: 'Epoch {epoch} follows the rings {digest}, which this node does not know.',
  // digests
  otherDigest: 'This node computes the digest {computed} for epoch {epoch}, not {digest}.',
  otherDigestOfAttempt: 'This node computes the digest {computed} for attempt {attempt}, not {digest}.',
  sentOtherwise: 'The rings of epoch {epoch} have the digest {computed}, not {digest} as they were sent.',
  twoDigests: 'Epoch {epoch} is {own} here, not {digest}. Report this: an epoch must have one digest.',
  ringsNowhere: 'Nobody who was asked has the rings {digest}; this node needs them to go on.',
  // attempts at the first epoch
  attemptWithdrawn: 'Attempt {attempt} at the first epoch was withdrawn here (up to {withdrawn}).',
  otherAttempt: 'This node has acknowledged attempt {acknowledged} with digest {digest}; withdraw it before attempt {attempt}.',
  onlyFirst: 'Only attempts at epoch 1 can be withdrawn, not at epoch {epoch}.',
  onlyGenesis: 'Only the Controller {controller}, which the genesis record names, may make the first rings.',
  acknowledgedByOther:
    "The acknowledgement that node {id} sent is not signed by its own certificate. Look at that node's software and clock.",
  // votes
  noVote: 'This node is no member of epoch {before}, so it has no vote on epoch {epoch}.',
  tooFewConfirmed: '{confirmed} of the {members} members of epoch {epoch} have confirmed its rings; a majority is needed.',
  knowsOnly: 'it knows epoch {epoch} only',
  servesNoNames: 'This node does not serve names yet.',
  noList: 'This node has no list of Cloud Services yet.',
  // certificates
  certificateRefused: 'The certificate of epoch {epoch} is refused: {reason}.',
  notFirst: 'it is none of the first epoch',
  notActive: 'the first epoch is active or nothing, not in phase {phase}',
  unacknowledged: 'the member {name} ({id}) has not acknowledged it',
  notItsOwn: 'the acknowledgement of {name} ({id}) is not its own',
  undecided: 'it does not say how it was decided',
  followsEpoch: 'it follows epoch {epoch}',
  followsOther: 'it follows the rings {digest}, and epoch {epoch} is {own} here',
  otherMembers: 'it names other members of epoch {epoch} than that epoch has',
  noMajority: '{signers} of the {electors} members of epoch {epoch} have signed it, which is no majority',
  // nodes that are given up
  unsigned: 'Epoch {epoch} gives up {nodes} nodes, and no Controller of this cluster has signed that.',
  changeEnded: 'The change to epoch {epoch} has come to its end.',
  manyRounds: 'Nodes were given up {rounds} times in the change to epoch {epoch}; no more can be.',
  notEnded:
    'The change to epoch {epoch} could not be ended without them: {reason}. Nothing was given up; try again when the other members answer.',
} as const;

export const epochRefusalSentence = sentencesOf('epochRefusal', epochRefusalTexts);
