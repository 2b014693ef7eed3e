import type { FastifyRequest } from 'fastify';
import { timesNamed } from '../../base/cookie-header.ts';
import { isLoopback } from '../../base/loopback.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, success } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';

export const apiPrefix = '/api/v1';

/** Everything from this origin only; styles inline because the component library sets them; data: for its icons. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** Headers of every answer of the console port. */
export function securityHeaders(secure: boolean): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
    ...(secure ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
}

/**
 * Whether Host and Origin are exactly on the list: a page of another site that made its name point
 * here (DNS rebinding) or posts across origins is refused. Failure: HostNotAllowed.
 */
export function checkHostAndOrigin(request: FastifyRequest, hosts: ReadonlySet<string>, scheme: 'http' | 'https'): Outcome<void> {
  const host = request.headers.host ?? '';
  // Node keeps the first of two Host headers; only the raw list shows the second.
  const hostHeaders = request.raw.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hostHeaders !== 1 || !hosts.has(host.toLowerCase()) || !(request.raw.url ?? '').startsWith('/')) {
    const said = { host: JSON.stringify(host.slice(0, 100)), hosts: [...hosts].slice(0, 4).join(', ') };
    return failed(spokenFailure('HostNotAllowed', refusalSentence('otherHost', said)));
  }
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `${scheme}://${host}`) {
    return failed(spokenFailure('HostNotAllowed', refusalSentence('otherOrigin', { origin: JSON.stringify(origin.slice(0, 100)) })));
  }
  const site = request.headers['sec-fetch-site'];
  if (site === 'cross-site' && request.method !== 'GET' && request.method !== 'HEAD') {
    return failed(spokenFailure('HostNotAllowed', refusalSentence('otherSite', {})));
  }
  return success(undefined);
}

/** Names under which a port is reached: loopback's three, the bound host, and those given. */
export function allowedHosts(host: string, port: number, more: readonly string[]): Set<string> {
  const wildcard = host === '0.0.0.0' || host === '::';
  const names = isLoopback(host) || wildcard ? ['127.0.0.1', 'localhost', '[::1]'] : [];
  if (!wildcard) names.push(host.includes(':') ? `[${host}]` : host);
  const allowed = new Set<string>();
  for (const name of [...names, ...more]) {
    allowed.add(`${name.toLowerCase()}:${port}`);
    if (port === 80 || port === 443) allowed.add(name.toLowerCase());
  }
  return allowed;
}

/**
 * Where browsers keep the session. A cookie knows no port: the consoles of two clusters on one host need two names, and the path
 * keeps it from the ports of the host that serve something else (users' objects, pages).
 */
export function sessionCookieOf(request: FastifyRequest): { readonly name: string; readonly path: string } {
  return { name: `mcos_console_${request.socket.localPort ?? 0}`, path: apiPrefix };
}

/** The session token of a request: bearer header first, then the cookie. */
export function tokenOf(request: FastifyRequest): string | undefined {
  const bearer = /^Bearer ([A-Za-z0-9_-]{20,100})$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const { name } = sessionCookieOf(request);
  // Two of one name: a page of another port has set one, to have somebody work in a session that is not his.
  return timesNamed(request.headers.cookie, name) === 1 ? request.cookies[name] : undefined;
}
