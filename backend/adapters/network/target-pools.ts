import { Pool } from 'undici';
import type { ClusterTarget } from '../../base/cluster-rpc.ts';
import { forbiddenReason } from './address-guard.ts';
import type { ClusterLimits } from './limits.ts';
import { type ClientTls, connectOptions } from './tls-options.ts';

/**
 * Keep-alive connections per (address, expected identity): a connection that proved one identity is
 * never used for another.
 *
 * Invariants: at most `maxPools` pools; every pool was made with the present credentials.
 */
export class TargetPools {
  readonly #pools = new Map<string, Pool>();
  readonly #closing = new Set<Promise<void>>();
  readonly #limits: ClusterLimits;
  readonly #connections: number;
  readonly #maxPools = 4096;
  #tls: ClientTls;

  constructor(tls: ClientTls, limits: ClusterLimits, connections: number) {
    this.#tls = tls;
    this.#limits = limits;
    this.#connections = connections;
  }

  /** Throws on a malformed URL. */
  pool(target: ClusterTarget): Pool {
    const key = `${target.expected.kind === 'node' ? target.expected.nodeId : 'controller'} ${target.url}`;
    const known = this.#pools.get(key);
    if (known !== undefined) {
      this.#pools.delete(key);
      this.#pools.set(key, known);
      return known;
    }
    const url = new URL(target.url);
    if (url.protocol !== 'https:') throw new Error(`${target.url} is not an https address`);
    const reason = forbiddenReason(url.hostname);
    if (reason !== undefined) throw new Error(reason);
    const pool = new Pool(url.origin, {
      connections: this.#connections,
      pipelining: 1,
      keepAliveTimeout: 20_000,
      keepAliveMaxTimeout: 60_000,
      maxResponseSize: -1,
      // No session cache: a resumed session would skip the check of the identity.
      connect: { ...connectOptions(this.#tls, target.expected), timeout: this.#limits.connectTimeoutMs, maxCachedSessions: 0 },
    });
    this.#pools.set(key, pool);
    this.#evict();
    return pool;
  }

  /** New requests use new connections; those under way finish on the old ones. */
  useTls(tls: ClientTls): void {
    this.#tls = tls;
    for (const pool of this.#pools.values()) this.#retire(pool.close());
    this.#pools.clear();
  }

  async stop(): Promise<void> {
    for (const pool of this.#pools.values()) this.#retire(pool.destroy());
    this.#pools.clear();
    await Promise.all(this.#closing);
  }

  #evict(): void {
    const [oldest] = this.#pools;
    if (this.#pools.size <= this.#maxPools || oldest === undefined) return;
    this.#pools.delete(oldest[0]);
    this.#retire(oldest[1].close());
  }

  #retire(closing: Promise<void>): void {
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}
