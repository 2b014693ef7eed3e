import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { addressSentence, admissionSentence } from '../../contracts/admission-texts.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import type { Sentence } from '../../contracts/spoken.ts';
import type { NodeAddresses } from '../../contracts/membership.ts';

/** Looks a host name up; resolves to no address at all when there is none. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/**
 * Whether the Controller and the peers may call these addresses: well-formed base URLs that do not
 * lead to link-local, metadata, multicast or unspecified ranges, after resolving. A joining node
 * must not be able to point the whole cluster at 169.254.169.254. Failure: InvalidArgument.
 */
export async function checkAddresses(addresses: NodeAddresses, resolve?: ResolveHost): Promise<Outcome<void>> {
  for (const name of ['cluster', 's3', 'dashboard'] as const) {
    const checked = await checkAddress(`addresses.${name}`, addresses[name], resolve);
    if (!checked.ok) return checked;
  }
  return success(undefined);
}

async function checkAddress(name: string, text: string, resolve: ResolveHost | undefined): Promise<Outcome<void>> {
  const refuse = (why: Sentence): Outcome<void> => {
    const said = admissionSentence('badAddress', { member: name, typed: JSON.stringify(text), reason: why });
    return failed(spokenFailure('InvalidArgument', said, { path: name }));
  };
  const url = URL.parse(text);
  if (!url || url.hostname === '') return refuse(addressSentence('noUrl', {}));
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || url.pathname !== '/')
    return refuse(addressSentence('longer', {}));
  if (url.port === '0') return refuse(addressSentence('portZero', {}));
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const literal = /^[0-9.]+$/.test(host) || host.includes(':');
  const candidates = literal ? [host] : await (resolve?.(host) ?? []);
  for (const address of [host, ...candidates]) {
    const range = forbiddenRange(address);
    if (range) return refuse(address === host ? addressSentence('leadsTo', {}, range) : addressSentence('leadsToBy', { address }, range));
  }
  return success(undefined);
}

const metadataHosts = new Set(['metadata', 'metadata.google.internal', 'metadata.azure.internal', 'instance-data']);

const metadataAddresses = new Set(['100.100.100.200', '168.63.129.16', '192.0.0.192']);

/** Why nobody may be sent to `address` (an IP literal or host name), or undefined. URL parsing has already made 0xA9FEA9FE and the like canonical. */
export function forbiddenRange(address: string): Sentence | undefined {
  if (metadataHosts.has(address.replace(/\.$/, ''))) return addressSentence('metadata', {});
  const mapped = mappedIpv4(address);
  if (mapped) return forbiddenRange(mapped);
  if (address.includes(':')) return forbiddenIpv6(address);
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part))) return undefined;
  const [first = 0, second = 0] = parts;
  if (first === 169 && second === 254) return addressSentence('linkLocal', {});
  if (first === 0) return addressSentence('unspecified', {});
  if (first >= 224) return addressSentence('reserved', {});
  if (metadataAddresses.has(parts.join('.'))) return addressSentence('metadata', {});
  return undefined;
}

function forbiddenIpv6(address: string): Sentence | undefined {
  const bare = address.split('%')[0] as string;
  if (/^fe[89ab]/.test(bare)) return addressSentence('linkLocalIpv6', {});
  if (/^ff/.test(bare)) return addressSentence('multicastIpv6', {});
  if (bare === '::') return addressSentence('unspecifiedIpv6', {});
  if (bare === 'fd00:ec2::254' || bare === 'fd20:ce::254') return addressSentence('metadata', {});
  return undefined;
}

/** The IPv4 address inside ::ffff:a.b.c.d, ::ffff:hhhh:hhhh and 64:ff9b::hhhh:hhhh. */
function mappedIpv4(address: string): string | undefined {
  const dotted = /^(?:::ffff:|64:ff9b::)(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (dotted) return dotted;
  const [, high, low] = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [left, right] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${left >> 8}.${left & 255}.${right >> 8}.${right & 255}`;
}
