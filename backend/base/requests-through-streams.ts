/** What is needed of a TLS server of Node, or of Fastify's. */
interface SecureServer {
  on(event: 'secureConnection', listener: (socket: SecureSocket) => void): unknown;
}
interface SecureSocket {
  on(event: 'data', listener: () => void): unknown;
  off(event: 'data', listener: () => void): unknown;
}

/**
 * Makes an HTTPS server read its requests through the streams of its sockets; to be called once, right after it was made.
 *
 * Otherwise Node hands what it has decrypted to its HTTP parser record by record, below the streams, and goes on doing so
 * after it has paused the parser. It pauses it when a request comes while the answer before it has not left yet: the client
 * may have all of it already, and the system not have said so. The next record of the request, its body, is then refused
 * (`HPE_PAUSED`), and a sound request is answered 400. A stream keeps such a record until it is resumed. Node reads through
 * the stream from the moment that somebody listens to the data of a socket.
 */
export function readRequestsThroughStreams(server: SecureServer): void {
  const listen = (): void => undefined;
  server.on('secureConnection', (socket) => {
    socket.on('data', listen);
    socket.off('data', listen);
  });
}
