import type { Disposable } from './lifecycle.ts';
import type { Outcome } from './outcome.ts';

/**
 * Calls between the Controller and the nodes: rare, small, JSON. In production HTTPS POST
 * /cluster/v1/<method> with mutual TLS on the cluster port; in the simulator a simulated network.
 */
export interface ClusterRpcClient {
  /**
   * Calls `method` of the process at `target`. Failures: whatever the callee answered, or
   * `Unreachable` (nothing was executed, or nobody knows) and `Timeout`.
   */
  call(
    target: ClusterTarget,
    method: string,
    body: unknown,
    options: { timeoutMs: number; signal?: AbortSignal },
  ): Promise<Outcome<unknown>>;
}

export interface ClusterTarget {
  /** Base URL of the cluster port, e.g. https://127.0.0.1:7410. */
  readonly url: string;
  /** Who must answer there; the certificate is checked against it. */
  readonly expected: { readonly kind: 'node'; readonly nodeId: string } | { readonly kind: 'controller' };
}

/** Who calls, as proved by the client certificate. */
export type ClusterIdentity =
  | { readonly kind: 'controller'; readonly controllerId: string; readonly certificateSerial: string }
  | { readonly kind: 'node'; readonly nodeId: string; readonly certificateSerial: string }
  | { readonly kind: 'anonymous' };

export interface ClusterRpcRequest {
  readonly from: ClusterIdentity;
  readonly fromAddress: string;
  readonly body: unknown;
}

export interface ClusterRpcServer {
  /**
   * Serves `method`. `who` names the identities that may call it; others get `AccessDenied` and the
   * handler does not run. Registering a method twice throws.
   */
  handle(
    method: string,
    who: readonly ClusterIdentity['kind'][],
    handler: (request: ClusterRpcRequest) => Promise<Outcome<unknown>>,
  ): Disposable;
}
