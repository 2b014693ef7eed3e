import { sentencesOf } from './compose-text.ts';

/** Why a call to another process has no answer. */
export const callTexts = {
  badAddress: 'The address "{url}" cannot be used: {reason}.',
  timeout: '{where} did not answer {method} within {milliseconds} ms.',
  unreachable: '{where} cannot be reached for {method}: {reason}.',
  notJson: '{where} answered {method} with status {status} and something that is not JSON.',
  otherProtocol: '{where} answered {method} with status {status}, which is no answer of this protocol.',
  somethingElse: 'it answered something else',
  malformed: 'The message "{name}" is malformed: {reason}. Both sides may run different versions.',
  noAnswer: 'Node {id} did not answer: {reason}.',
  // what is said at the other end
  noMethod: 'There is no method "{method}" here. The process may run another version.',
  mayNotCall: '{parts} may not call {method}; it is for {kinds}.',
  mayNotTouchBlobs: '{parts} may not touch blobs; only nodes may.',
  refusedCertificate: 'The certificate of {parts} is refused here. An admin fenced or removed it.',
  defect: 'The method {method} failed because of a defect. Its log has the particulars.',
  longBody: 'The body has more than {most} bytes, which this method does not take.',
  brokenBody: 'The body broke off: {reason}. Send it again.',
  bodyNoJson: 'The body is not JSON. Send one JSON value.',
  // blobs on other nodes
  noAddress: 'No address of node {id} is known.',
  badNodeAddress: 'The address "{url}" of node {id} cannot be used: {reason}.',
  blobAt: 'Blob {blob} at node {id}: {reason}.',
  blobUnstored: 'The blob could not be stored: {reason}. Try another node.',
  noBlobsKept: 'No blobs are kept here.',
  status: 'status {status}',
  notListed: 'Node {id} is not on the list.',
  listedNoMore: 'Node {id} is not on the list any more.',
} as const;

/** Who is at the other end of a connection, within them. */
export const identityTexts = {
  anonymous: 'a caller without a certificate of this cluster',
  node: 'node {id}',
  controller: 'controller {id}',
} as const;

export const identitySentence = sentencesOf('identity', identityTexts);
export const callSentence = sentencesOf('call', callTexts);
