import { sentencesOf } from './compose-text.ts';

/** Why a call to another process has no answer. */
export const callTexts = {
  badAddress: 'The address "{url}" cannot be used: {reason}.',
  timeout: '{where} did not answer {method} within {milliseconds} ms.',
  unreachable: '{where} cannot be reached for {method}: {reason}.',
  notJson: '{where} answered {method} with status {status} and something that is not JSON.',
  otherProtocol: '{where} answered {method} with status {status}, which is no answer of this protocol.',
  somethingElse: 'it answered something else',
  notListed: 'Node {id} is not on the list.',
  listedNoMore: 'Node {id} is not on the list any more.',
} as const;

export const callSentence = sentencesOf('call', callTexts);
