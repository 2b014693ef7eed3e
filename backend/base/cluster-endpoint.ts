import type { BlobPeers, BlobStore } from './blob-store.ts';
import type { ClusterIdentity, ClusterRpcClient, ClusterRpcServer } from './cluster-rpc.ts';
import type { Service } from './lifecycle.ts';
import type { PeerTransport } from './peer-transport.ts';

/** Key and certificates of one process; renewed while it runs. */
export interface ClusterCredentials {
  readonly clusterId: string;
  readonly keyPem: string;
  readonly certificatePem: string;
  readonly authorityPem: string;
}

/**
 * The mutual-TLS cluster port of a Controller or a node, and the client side with the same
 * certificate: calls, peer messages and blobs share port and identity.
 */
export interface ClusterEndpoint extends Service {
  readonly rpcServer: ClusterRpcServer;
  readonly rpcClient: ClusterRpcClient;
  readonly peers: PeerTransport;
  readonly blobPeers: BlobPeers;
  /** The port that is really bound, after `start`. */
  readonly port: number;
  /** Uses other credentials for every new connection (renewal). */
  useCredentials(credentials: ClusterCredentials): Promise<void>;
}

export interface ClusterEndpointOptions {
  readonly credentials: ClusterCredentials;
  readonly listen: { readonly host: string; readonly port: number };
  /** Base URL of a node's cluster port, from the Cloud Service list. */
  readonly addressOf: (nodeId: string) => string | undefined;
  /** Asked for every request and message: fenced and removed identities are refused at once. */
  readonly isRefused: (identity: ClusterIdentity) => boolean;
  /** Blobs of this node that peers may write, read and remove. */
  readonly blobs?: BlobStore;
  /** GET /healthz and GET /metrics, without a client certificate. */
  readonly health?: () => { readonly status: number; readonly body: string };
  readonly metrics?: () => Promise<string>;
}

export type ClusterEndpointFactory = (options: ClusterEndpointOptions) => ClusterEndpoint;

/** What a process without a certificate can do: check the CA against a token's digest, then join. */
export interface JoinClient {
  /** The CA certificate (PEM) that the server at `url` presents, after its public key's SHA-256 matched. Sends nothing secret. */
  fetchAuthority(url: string, authorityDigest: string, options: { timeoutMs: number }): Promise<import('./outcome.ts').Outcome<string>>;
  /** One call over TLS with that CA pinned and no client certificate. */
  call(
    url: string,
    authorityPem: string,
    method: string,
    body: unknown,
    options: { timeoutMs: number },
  ): Promise<import('./outcome.ts').Outcome<unknown>>;
}
