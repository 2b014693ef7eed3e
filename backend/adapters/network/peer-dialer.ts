import { WebSocket } from 'ws';
import type { TLSSocket } from 'node:tls';
import { forbiddenReason } from './address-guard.ts';
import type { ClusterLimits } from './limits.ts';
import { type ClientTls, connectOptions, type ProvenIdentity, proveIdentity } from './tls-options.ts';
import { reasonOf } from './error-reasons.ts';

export type DialResult =
  | { readonly kind: 'open'; readonly socket: WebSocket; readonly proven: ProvenIdentity }
  | { readonly kind: 'failed'; readonly reason: string };

/** What both ends set on the WebSocket: no compression (it costs more than it saves here), a bounded message. */
export function socketLimits(limits: ClusterLimits) {
  return { perMessageDeflate: false, maxPayload: limits.peerMessageBytes + 2 * 1024 * 1024, skipUTF8Validation: true } as const;
}

/** Opens a WebSocket to the peer channel of `nodeId` at `url`; never rejects. `onDialing` gets the socket at once, to cut it short. */
export function dialPeer(
  url: string,
  nodeId: string,
  tls: ClientTls,
  limits: ClusterLimits,
  onDialing: (socket: WebSocket) => void,
): Promise<DialResult> {
  return new Promise((resolve) => {
    let socket: WebSocket;
    try {
      const reason = forbiddenReason(new URL(url).hostname);
      if (reason !== undefined) throw new Error(reason);
      socket = new WebSocket(`${url.replace(/^https:/, 'wss:')}/cluster/v1/peer`, {
        ...socketLimits(limits),
        // The types of ws know neither `secureContext` nor the real signature of `checkServerIdentity`; both go to tls.connect.
        ...(connectOptions(tls, { kind: 'node', nodeId }) as object),
        handshakeTimeout: limits.connectTimeoutMs,
        followRedirects: false,
        // TLS already hides the bytes from middle boxes; a mask of zeros saves a pass over them.
        generateMask: (mask) => mask.fill(0),
      });
    } catch (error) {
      resolve({ kind: 'failed', reason: reasonOf(error) });
      return;
    }
    onDialing(socket);
    let connection: TLSSocket | undefined;
    socket.on('upgrade', (response) => (connection = response.socket as TLSSocket));
    socket.on('open', () => {
      connection?.setNoDelay(true);
      if (connection === undefined) resolve({ kind: 'failed', reason: 'the connection is gone' });
      else resolve({ kind: 'open', socket, proven: proveIdentity(connection, tls.clusterId, tls.authority) });
    });
    socket.on('error', (error) => resolve({ kind: 'failed', reason: reasonOf(error) }));
    socket.on('close', () => resolve({ kind: 'failed', reason: 'the connection was closed while it was being opened' }));
  });
}
