import { createServer as createTcpServer, connect, type AddressInfo, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { createPki } from '../../../backend/adapters/crypto/x509-pki.ts';

/** A cluster's worth of keys that some other cluster has made. */
export interface ForeignAuthority {
  readonly authorityPem: string;
  /** As in a join token. */
  readonly digest: string;
  issue(kind: 'node' | 'controller', id: string): Promise<{ keyPem: string; certificatePem: string }>;
}

export async function createForeignAuthority(clusterId: string): Promise<ForeignAuthority> {
  const pki = createPki();
  const keyPem = await pki.createKey();
  const authorityPem = await pki.createAuthority(clusterId, keyPem);
  return {
    authorityPem,
    digest: Buffer.from(await pki.publicKeyDigest(authorityPem), 'hex').toString('base64url'),
    issue: async (kind, id) => {
      const ownKeyPem = await pki.createKey();
      const request = await pki.createRequest(ownKeyPem);
      const subject = { clusterId, kind, id, hosts: ['127.0.0.1'] };
      return { keyPem: ownKeyPem, certificatePem: await pki.issue({ keyPem, certificatePem: authorityPem }, request, subject, 90) };
    },
  };
}

/** Something that passes for a Controller of another cluster and writes down all that it is told inside TLS. */
export interface Impostor {
  readonly url: string;
  readonly port: number;
  readonly connections: number;
  readonly received: string;
  stop(): Promise<void>;
}

export async function startImpostor(authority: ForeignAuthority): Promise<Impostor> {
  const own = await authority.issue('controller', 'ffffffffffffffff');
  let connections = 0;
  let received = '';
  const sockets = new Set<TLSSocket>();
  const server = createTlsServer(
    { minVersion: 'TLSv1.3', key: own.keyPem, cert: `${own.certificatePem.trim()}\n${authority.authorityPem.trim()}\n` },
    (socket) => {
      sockets.add(socket);
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1');
        socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}');
      });
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    },
  );
  server.on('connection', () => (connections += 1));
  server.on('tlsClientError', () => undefined);
  const port = await listening(server);
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    get connections() {
      return connections;
    },
    get received() {
      return received;
    },
    stop: () => closing(server, sockets),
  };
}

/** Leads its first connection to one port and all later ones to another, as somebody on the line could. */
export async function startSwitch(firstPort: number, laterPort: number): Promise<{ url: string; stop(): Promise<void> }> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createTcpServer((client) => {
    connections += 1;
    const target = connect(connections === 1 ? firstPort : laterPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => sockets.delete(socket));
    }
    client.pipe(target);
    target.pipe(client);
  });
  const port = await listening(server);
  return { url: `https://127.0.0.1:${port}`, stop: () => closing(server, sockets) };
}

function listening(server: ReturnType<typeof createTcpServer>): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

function closing(server: ReturnType<typeof createTcpServer>, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  return new Promise((resolve) => server.close(() => resolve()));
}
