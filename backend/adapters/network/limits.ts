/** Every bound of the cluster port in one place; tests lower some. Times in milliseconds, sizes in bytes. */
export interface ClusterLimits {
  readonly rpcBodyBytes: number;
  /** Callers without a certificate get less. */
  readonly anonymousBodyBytes: number;
  readonly rpcBodyTimeoutMs: number;
  readonly rpcConnectionsPerTarget: number;
  readonly blobConnectionsPerTarget: number;
  readonly connectTimeoutMs: number;
  /** How long the other end of a blob transfer may stand still. */
  readonly blobIdleMs: number;
  /** The same where bytes are fetched: whoever asked sends them on to a client, who may pause as long as the S3 port lets him. */
  readonly blobReadIdleMs: number;
  readonly maxConnections: number;
  readonly peerMessageBytes: number;
  readonly peerInFlight: number;
  readonly peerBufferedBytes: number;
  /** After a failed connect, requests fail at once for this long. */
  readonly peerBackOffMs: number;
  /** How long requests wait for a connection to a peer whose last connect failed. */
  readonly peerDoubtMs: number;
  readonly peerIdleMs: number;
  /** Silence after which a connection with requests in flight is asked for a sign of life. */
  readonly peerPingBusyMs: number;
  readonly peerPingIdleMs: number;
  /** Silence after a ping that counts as a broken connection. */
  readonly peerSilenceMs: number;
}

export const defaultLimits: ClusterLimits = {
  // The largest there is: the certificate of the first epoch of 20,000 members, each with certificate and signature (24 MB);
  // next, the rings of an epoch for whoever has missed it, at 2^18 partitions of five replicas (17 MB).
  rpcBodyBytes: 32 * 1024 * 1024,
  anonymousBodyBytes: 64 * 1024,
  rpcBodyTimeoutMs: 30_000,
  rpcConnectionsPerTarget: 8,
  blobConnectionsPerTarget: 32,
  connectTimeoutMs: 3_000,
  blobIdleMs: 30_000,
  blobReadIdleMs: 5 * 60_000,
  maxConnections: 8_192,
  peerMessageBytes: 32 * 1024 * 1024,
  peerInFlight: 8_192,
  peerBufferedBytes: 64 * 1024 * 1024,
  peerBackOffMs: 300,
  peerDoubtMs: 250,
  peerIdleMs: 5 * 60_000,
  peerPingBusyMs: 1_000,
  peerPingIdleMs: 10_000,
  peerSilenceMs: 3_000,
};
