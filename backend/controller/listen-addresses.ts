import { isLoopback } from '../base/loopback.ts';
import { FailureError } from '../base/outcome.ts';
import { failure } from '../contracts/errors.ts';
import type { ConsoleListen } from './api/console-server.ts';
import type { ClusterSecrets } from './registry/identity.ts';

/** Where the console shall listen, as whoever starts the Controller says. */
export type GivenConsoleListen = Omit<ConsoleListen, 'tls'> & {
  /** A certificate of one's own, or one from the cluster's CA. Required beyond loopback. */
  readonly tls?: { readonly certificatePem: string; readonly privateKeyPem: string } | 'cluster-authority';
};

export interface GivenListens {
  readonly consoleListen: GivenConsoleListen;
  readonly clusterListen: { readonly host: string; readonly port: number; readonly advertiseUrl?: string };
}

/** Administrators' passwords must never cross a network in the clear: throws a `FailureError` when they could. */
export function requireTlsBeyondLoopback(listen: GivenConsoleListen): void {
  if (isLoopback(listen.host) || listen.tls !== undefined) return;
  throw new FailureError(
    failure(
      'InvalidArgument',
      `The console may listen on ${listen.host} only with TLS: give a certificate, let the cluster's CA issue one, or listen on 127.0.0.1.`,
    ),
  );
}

/** For which names and addresses the Controller's own certificate is valid. */
export function certificateHosts(deps: GivenListens): string[] {
  const hosts = new Set(['localhost', '127.0.0.1', '::1', ...(deps.consoleListen.names ?? [])]);
  for (const host of [deps.clusterListen.host, deps.consoleListen.host]) if (host !== '0.0.0.0' && host !== '::') hosts.add(host);
  const advertised = deps.clusterListen.advertiseUrl === undefined ? null : URL.parse(deps.clusterListen.advertiseUrl);
  if (advertised) hosts.add(advertised.hostname.replace(/^\[|\]$/g, ''));
  return [...hosts];
}

export function consoleListenOf(deps: GivenListens, secrets: ClusterSecrets): ConsoleListen {
  const { tls, ...listen } = deps.consoleListen;
  if (tls === undefined) return listen;
  if (tls !== 'cluster-authority') return { ...listen, tls };
  return { ...listen, tls: ownCertificate(secrets) };
}

export function ownCertificate(secrets: ClusterSecrets): NonNullable<ConsoleListen['tls']> {
  // With its CA, so that a client that knows only the CA's digest can tell it before it sends anything.
  const certificatePem = `${secrets.controllerCertificatePem.trimEnd()}\n${secrets.authorityCertificatePem}`;
  return { certificatePem, privateKeyPem: secrets.controllerKeyPem };
}

/** One address of many is not worth telling: the first name that the admin has given is. */
export function hostInUrl({ host, names = [] }: Pick<ConsoleListen, 'host' | 'names'>): string {
  if (host === '0.0.0.0' || host === '::') return names[0] ?? '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
