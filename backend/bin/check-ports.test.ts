import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { checkPorts } from './check-ports.ts';

describe('ports before a start', () => {
  it('are free, or the one that is taken is named', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    await expect(checkPorts('127.0.0.1', [0, port])).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    await new Promise((resolve) => taken.close(resolve));
    await checkPorts('127.0.0.1', [0, port]);
  });
});
