import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/**
 * Addresses of processes come from people and from joining nodes. None may lead to link-local
 * services, above all the metadata services of clouds, which hand out credentials to whoever asks.
 */
const forbidden = new BlockList();
forbidden.addSubnet('169.254.0.0', 16, 'ipv4');
forbidden.addAddress('100.100.100.200', 'ipv4');
forbidden.addAddress('168.63.129.16', 'ipv4');
forbidden.addAddress('192.0.0.192', 'ipv4');
forbidden.addSubnet('fe80::', 10, 'ipv6');
forbidden.addAddress('fd00:ec2::254', 'ipv6');
forbidden.addAddress('fd20:ce::254', 'ipv6');

/** Whether an IP address must not be connected to. IPv4 inside IPv6 counts as what it is. */
export function isForbiddenAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && forbidden.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Why `host` (as in a URL, brackets included) cannot be connected to, before any name is looked up. */
export function forbiddenReason(host: string): string | undefined {
  const address = host.replace(/^\[(.*)\]$/, '$1');
  return isForbiddenAddress(address) ? `${address} is a link-local or metadata address, where no process of a cluster can be` : undefined;
}

type LookupCallback = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** `dns.lookup` that leaves out forbidden addresses, so that a name cannot lead to them either. */
export function guardedLookup(hostname: string, options: LookupOptions, callback: LookupCallback): void {
  systemLookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, [], 0);
    const allowed = addresses.filter(({ address }) => !isForbiddenAddress(address));
    const [first] = allowed;
    if (first === undefined) return callback(new Error(`${hostname} leads to link-local or metadata addresses only`), [], 0);
    if (options.all === true) callback(null, allowed);
    else callback(null, first.address, first.family);
  });
}

/** All addresses of a name; none when it cannot be looked up now. */
export async function resolveHost(hostname: string): Promise<readonly string[]> {
  try {
    return (await lookup(hostname, { all: true })).map(({ address }) => address);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
