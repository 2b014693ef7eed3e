const loopbackNames = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/**
 * The exact origins of a port, `scheme://host:port`: against DNS rebinding, where a foreign name
 * points at this address. A loopback port has its three spellings; others the bound host; and
 * whatever was advertised, under the scheme that was advertised.
 */
export function allowedOrigins(
  bound: { host: string; port: number; scheme: 'http' | 'https' },
  advertisedUrl?: string,
): ReadonlySet<string> {
  const names = loopbackNames.has(bound.host)
    ? ['127.0.0.1', 'localhost', '[::1]']
    : [bound.host.includes(':') && !bound.host.startsWith('[') ? `[${bound.host}]` : bound.host];
  const origins = new Set(names.map((name) => `${bound.scheme}://${name}:${bound.port}`));
  if (advertisedUrl !== undefined) origins.add(new URL(advertisedUrl).origin);
  return origins;
}

/** One Host header that is on the list, and an Origin (if there is one) that is on it, scheme included. */
export function isAllowed(rawHeaders: readonly string[], origins: ReadonlySet<string>): boolean {
  const found: Record<'host' | 'origin', string[]> = { host: [], origin: [] };
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] as string).toLowerCase();
    if (name === 'host' || name === 'origin') found[name].push((rawHeaders[index + 1] as string).toLowerCase());
  }
  const host = found.host[0];
  if (found.host.length !== 1 || host === undefined) return false;
  if (!origins.has(`http://${host}`) && !origins.has(`https://${host}`)) return false;
  return found.origin.every((origin) => origins.has(origin));
}
