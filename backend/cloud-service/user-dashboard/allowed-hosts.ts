const loopbackNames = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/**
 * The exact Host values that a port answers to: against DNS rebinding, where a foreign name points
 * at this address. A loopback port has its three spellings; others the bound host; and whatever was
 * advertised.
 */
export function allowedHosts(bound: { host: string; port: number }, advertisedUrl?: string): ReadonlySet<string> {
  const names = loopbackNames.has(bound.host)
    ? ['127.0.0.1', 'localhost', '[::1]']
    : [bound.host.includes(':') && !bound.host.startsWith('[') ? `[${bound.host}]` : bound.host];
  const hosts = new Set(names.map((name) => `${name}:${bound.port}`));
  if (advertisedUrl !== undefined) hosts.add(new URL(advertisedUrl).host);
  return hosts;
}

/** One Host header that is on the list, and an Origin (if there is one) that is the same place. */
export function isAllowed(rawHeaders: readonly string[], hosts: ReadonlySet<string>): boolean {
  const found: Record<'host' | 'origin', string[]> = { host: [], origin: [] };
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name === 'host' || name === 'origin') found[name].push((rawHeaders[index + 1] as string).toLowerCase());
  }
  const host = found.host[0];
  if (found.host.length !== 1 || host === undefined || !hosts.has(host)) return false;
  return found.origin.every((origin) => hosts.has(origin.replace(/^https?:\/\//, '')));
}
