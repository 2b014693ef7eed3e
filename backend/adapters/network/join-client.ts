import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, createSecureContext, type TLSSocket } from 'node:tls';
import { Pool } from 'undici';
import type { Clock } from '../../base/clock.ts';
import type { JoinClient } from '../../base/cluster-endpoint.ts';
import { failed, type Outcome, success } from '../../base/outcome.ts';
import { failure } from '../../contracts/errors.ts';
import { certificateFacts, parseAlternativeNames } from '../crypto/certificate-facts.ts';
import { isSignedBy } from '../crypto/x509-pki.ts';
import { createSystemClock } from '../system/system-clock.ts';
import { forbiddenReason, guardedLookup } from './address-guard.ts';
import { reasonOf } from './error-reasons.ts';
import { callOver } from './rpc-client.ts';

/** Longest certificate chain that is looked through. */
const longestChain = 8;

export function createJoinClient(clock: Clock = createSystemClock()): JoinClient {
  return {
    fetchAuthority: (url, authorityDigest, options) => fetchAuthority(clock, url, authorityDigest, options.timeoutMs),
    call: async (url, authorityPem, method, body, options) => {
      let pool: Pool;
      try {
        pool = pinnedPool(url, authorityPem, options.timeoutMs);
      } catch (error) {
        return failed(failure('InvalidArgument', `"${url}" cannot be used as the Controller's address: ${reasonOf(error)}.`));
      }
      try {
        return await callOver(pool, clock, { where: url, method, body, timeoutMs: options.timeoutMs, signal: undefined });
      } finally {
        await pool.destroy();
      }
    },
  };
}

function pinnedPool(url: string, authorityPem: string, timeoutMs: number): Pool {
  const { origin, protocol, hostname } = new URL(url);
  const reason = forbiddenReason(hostname);
  if (reason !== undefined) throw new Error(reason);
  if (protocol !== 'https:') throw new Error('it must start with https://');
  return new Pool(origin, {
    connections: 1,
    connect: {
      secureContext: createSecureContext({ minVersion: 'TLSv1.3', ca: authorityPem }),
      timeout: timeoutMs,
      lookup: guardedLookup,
      maxCachedSessions: 0,
      checkServerIdentity: (_host, certificate) => {
        const actual = parseAlternativeNames(certificate.subjectaltname);
        return actual?.kind === 'controller' ? undefined : new Error('the process there is not the Controller of this cluster');
      },
    },
  });
}

/** A TLS handshake and nothing else: the digest is compared before a single byte of ours is sent. */
async function fetchAuthority(clock: Clock, url: string, authorityDigest: string, timeoutMs: number): Promise<Outcome<string>> {
  let address: URL;
  try {
    address = new URL(url);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return failed(
      failure(
        'InvalidArgument',
        `"${url}" is not an address. Give the Controller's cluster address, such as https://controller.example:7400.`,
      ),
    );
  }
  const reason = forbiddenReason(address.hostname);
  if (reason !== undefined) return failed(failure('InvalidArgument', `"${url}" cannot be the Controller: ${reason}.`));
  if (address.protocol !== 'https:') return failed(failure('InvalidArgument', `"${url}" must start with https://.`));
  const chain = await presentedChain(clock, address, timeoutMs);
  if (!chain.ok) return chain;
  const [leaf, ...others] = chain.value;
  const authority = others.find((certificate) => digestOf(certificate) === authorityDigest);
  const wrong = (what: string): Outcome<string> =>
    failed(
      failure(
        'WrongCluster',
        `The server at ${url} ${what}. Check the address and the token: they must come from the same Controller. Nothing secret was sent.`,
      ),
    );
  if (leaf === undefined || authority === undefined) return wrong('does not present the CA that the join token names');
  if (!isSignedBy(leaf, authority)) return wrong('presents the right CA, but its own certificate is not signed by it');
  if (certificateFacts(leaf) === undefined) return wrong('presents a certificate that names no process of a cluster');
  return success(authority.toString());
}

/** Base64url SHA-256 of the public key (SPKI, DER), as join tokens carry it. */
function digestOf(certificate: X509Certificate): string {
  return createHash('sha256')
    .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}

function presentedChain(clock: Clock, address: URL, timeoutMs: number): Promise<Outcome<X509Certificate[]>> {
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host,
      port: Number(address.port === '' ? 443 : address.port),
      minVersion: 'TLSv1.3',
      lookup: guardedLookup,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      // The chain is judged by the token's digest, below.
      rejectUnauthorized: false,
    });
    const finish = (outcome: Outcome<X509Certificate[]>): void => {
      timer.cancel();
      socket.destroy();
      resolve(outcome);
    };
    const timer = clock.schedule(timeoutMs, () =>
      finish(failed(failure('Timeout', `${address.origin} did not complete a TLS handshake within ${timeoutMs} ms.`))),
    );
    socket.on('error', (error) => finish(failed(failure('Unreachable', `${address.origin} cannot be reached: ${reasonOf(error)}.`))));
    socket.on('secureConnect', () => {
      const chain: X509Certificate[] = [];
      let certificate = socket.getPeerX509Certificate();
      while (certificate !== undefined && chain.length < longestChain) {
        chain.push(certificate);
        certificate = certificate.issuerCertificate;
      }
      finish(success(chain));
    });
  });
}
