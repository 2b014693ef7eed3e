import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP relay on 127.0.0.1 that can hold everything back without closing anything, as a cut cable does. */
export interface TestRelay {
  readonly port: number;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export async function createTestRelay(targetPort: number): Promise<TestRelay> {
  const sockets = new Set<Socket>();
  let state: 'flowing' | 'frozen' = 'flowing';
  const server = createServer((incoming) => {
    const outgoing = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(from);
      // Data that comes while frozen is lost for good, so a thawed line stays dead for old connections.
      from.on('data', (chunk) => state === 'flowing' && to.write(chunk));
      from.on('end', () => state === 'flowing' && to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        if (state === 'flowing') to.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => (state = 'frozen'),
    thaw: () => {
      state = 'flowing';
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
