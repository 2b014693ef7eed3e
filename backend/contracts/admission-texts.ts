import { sentencesOf } from './compose-text.ts';

/** Why the Controller does not let a Cloud Service in: told to whoever starts it, and to administrators in an event. */
export const admissionTexts = {
  tokenUnknown: 'Join token {named} is unknown here or its secret is wrong. Create a new one with "token create".',
  tokenRevoked: 'Join token {id} was revoked. Create a new one with "token create".',
  tokenExpired: 'Join token {id} expired at {time}. Create a new one with "token create".',
  tokenUsed: 'Join token {id} was used by node {name}, which has another key. Every node needs a token of its own.',
  nameTaken: 'The name {named} belongs to node {id} at {address}. Choose another --name.',
  wasRemoved: 'Node {name} ({id}) was removed or fenced. Join anew with a fresh data directory, which makes a new key.',
  stillAnswers:
    'Node {name} ({id}) still answers at {address} with the same key. Stop that process first, or give this one a data directory of its own.',
  badAddress: '{member} {typed} {reason}. Give an address where the other nodes reach this one (--advertise).',
  joinsBusy: 'Too many joins with this key wait already. Try again in a second.',
  unreadableRequest: 'The certificate request cannot be read: {reason}. Send a PKCS#10 request in PEM.',
  badRequest: 'The certificate request {parts}. Send a PKCS#10 request in PEM with an ECDSA P-256 key.',
  badHost: '"{host}" is neither a DNS name nor an IP address. Give host names without port or path.',
  diskFullAtJoin:
    'The disk of the Controller has no space left, so this Cloud Service was not let in. Nothing was registered, and the join token is as good as before. Free space where the Controller keeps its data (its log names the file).',
  diskFullAtAnnounce:
    'The disk of the Controller has no space left, so the announcement was not taken. It is repeated by itself, and this Cloud Service goes on serving. Free space where the Controller keeps its data (its log names the file).',
  diskFullAtRenewal:
    'The disk of the Controller has no space left, so no certificate was issued. It is asked for again by itself, and the present one stays good. Free space where the Controller keeps its data (its log names the file).',
} as const;

/** What is wrong with an address, within them. */
export const addressTexts = {
  noUrl: 'is not a URL',
  longer: 'is more than scheme, host and port',
  portZero: 'has port 0',
  leadsTo: 'leads to {parts}',
  leadsToBy: 'leads to {address}, {parts}',
  metadata: 'a metadata service of a cloud',
  linkLocal: 'the link-local range 169.254.0.0/16 (metadata services)',
  unspecified: 'the unspecified range 0.0.0.0/8',
  reserved: 'a multicast or reserved range',
  linkLocalIpv6: 'the link-local range fe80::/10',
  multicastIpv6: 'a multicast range',
  unspecifiedIpv6: 'the unspecified address',
} as const;

/** What is wrong with a request for a certificate, within them. */
export const certificateRequestTexts = {
  unreadable: 'cannot be read ({reason})',
  otherKey: 'has a key of another kind ({kind})',
  unchecked: 'has a signature that cannot be checked ({reason})',
  unsigned: 'is not signed by the key in it',
} as const;

export const certificateRequestSentence = sentencesOf('certificateRequest', certificateRequestTexts);
export const admissionSentence = sentencesOf('admission', admissionTexts);
export const addressSentence = sentencesOf('address', addressTexts);
