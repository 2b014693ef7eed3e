import { createServer } from 'node:net';

/**
 * Binds each port for a moment; rejects with the system's error when one is taken (0: any port, not
 * tried). Asked before a node joins: a start that fails afterwards would leave it in the list.
 */
export async function checkPorts(host: string, ports: readonly number[]): Promise<void> {
  for (const port of ports) if (port !== 0) await bindOnce(host, port);
}

function bindOnce(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => server.close(() => resolve()));
  });
}
