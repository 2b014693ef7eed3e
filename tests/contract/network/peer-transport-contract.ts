import { afterEach, describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../../backend/base/bytes.ts';
import { peerChannels, type PeerTransport } from '../../../backend/base/peer-transport.ts';

/** A network of nodes under test. Every call may take virtual time: `settle` lets it pass until the promise is decided. */
export interface PeerNetworkUnderTest {
  transport(nodeId: string): PeerTransport;
  /** The node's process ends; requests to it are no longer answered. */
  stop(nodeId: string): Promise<void>;
  /** It runs again, with a fresh transport (no handlers), known to the others. */
  restart(nodeId: string): Promise<void>;
  settle<T>(promise: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const contractNodes = { one: '1'.repeat(16), two: '2'.repeat(16), three: '3'.repeat(16) } as const;

/** What every PeerTransport owes its users; run by the real network and by the simulated one without faults. */
export function peerTransportContract(name: string, create: (nodeIds: readonly string[]) => Promise<PeerNetworkUnderTest>): void {
  describe(`peer transport: ${name}`, () => {
    const { one, two, three } = contractNodes;
    let network: PeerNetworkUnderTest | undefined;
    const open = async (): Promise<PeerNetworkUnderTest> => (network = await create([one, two, three]));
    afterEach(async () => {
      await network?.close();
      network = undefined;
    });

    it('brings the answer of the peer, which sees who asks', async () => {
      const { transport, settle } = bound(await open());
      transport(two).handle(peerChannels.gossip, (from, payload) => utf8(`${from} said ${utf8Text(payload)}`));
      const reply = await settle(transport(one).request(two, peerChannels.gossip, utf8('hello'), { timeoutMs: 5000 }));
      expect(reply.kind === 'reply' ? utf8Text(reply.payload) : reply).toBe(`${one} said hello`);
    });

    it('brings every one of many answers to its own request, in both directions', async () => {
      const { transport, settle } = bound(await open());
      for (const node of [one, two])
        transport(node).handle(peerChannels.register, (_from, payload) => Promise.resolve(utf8(`re:${utf8Text(payload)}`)));
      const ask = async (from: string, to: string, index: number): Promise<void> => {
        const reply = await transport(from).request(to, peerChannels.register, utf8(`${index}`), { timeoutMs: 5000 });
        expect(reply.kind === 'reply' ? utf8Text(reply.payload) : reply).toBe(`re:${index}`);
      };
      await settle(Promise.all(Array.from({ length: 500 }, (_, index) => (index % 2 === 0 ? ask(one, two, index) : ask(two, one, index)))));
    });

    it('carries empty and large payloads unchanged', async () => {
      const { transport, settle } = bound(await open());
      transport(two).handle(peerChannels.register, (_from, payload) => payload.slice());
      const large = Uint8Array.from({ length: 3 * 1024 * 1024 }, (_, index) => (index * 31) % 251);
      for (const payload of [new Uint8Array(0), large]) {
        const reply = await settle(transport(one).request(two, peerChannels.register, payload, { timeoutMs: 10_000 }));
        expect(reply.kind === 'reply' && Buffer.compare(reply.payload, payload)).toBe(0);
      }
    });

    it('answers `error` when the handler throws or rejects, or when nobody serves the channel', async () => {
      const { transport, settle } = bound(await open());
      transport(two).handle(peerChannels.boot, () => {
        throw new Error('thrown');
      });
      transport(two).handle(peerChannels.epoch, () => Promise.reject(new Error('rejected')));
      for (const channel of [peerChannels.boot, peerChannels.epoch, peerChannels.catchUp]) {
        expect(await settle(transport(one).request(two, channel, utf8('x'), { timeoutMs: 5000 }))).toMatchObject({ kind: 'error' });
      }
    });

    it('answers `timeout` when the peer does not answer in time, and goes on serving', async () => {
      const { transport, settle } = bound(await open());
      transport(two).handle(peerChannels.boot, () => new Promise<Uint8Array>(() => undefined));
      transport(two).handle(peerChannels.gossip, () => utf8('here'));
      await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }));
      expect(await settle(transport(one).request(two, peerChannels.boot, utf8('x'), { timeoutMs: 50 }))).toMatchObject({ kind: 'timeout' });
      expect(await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }))).toMatchObject({
        kind: 'reply',
      });
    });

    it('never rejects for a peer that nobody knows', async () => {
      const { transport, settle } = bound(await open());
      const reply = await settle(transport(one).request('f'.repeat(16), peerChannels.gossip, utf8('x'), { timeoutMs: 500 }));
      expect(['unreachable', 'timeout']).toContain(reply.kind);
    });

    it('fails requests to a stopped peer and reaches it again after its restart', async () => {
      const { net, transport, settle } = bound(await open());
      transport(two).handle(peerChannels.gossip, () => utf8('first'));
      expect(await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }))).toMatchObject({
        kind: 'reply',
      });
      await net.stop(two);
      const dead = await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 300 }));
      expect(['unreachable', 'timeout']).toContain(dead.kind);
      await net.restart(two);
      transport(two).handle(peerChannels.gossip, () => utf8('second'));
      let answer = '';
      for (let attempt = 0; attempt < 200 && answer === ''; attempt++) {
        const reply = await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 1000 }));
        if (reply.kind === 'reply') answer = utf8Text(reply.payload);
        else await settle(transport(one).request(three, peerChannels.catchUp, utf8('pause'), { timeoutMs: 20 }));
      }
      expect(answer).toBe('second');
    });

    it('has one handler a channel, until it is disposed of', async () => {
      const { transport, settle } = bound(await open());
      const handler = transport(two).handle(peerChannels.gossip, () => utf8('old'));
      expect(() => transport(two).handle(peerChannels.gossip, () => utf8('x'))).toThrow();
      handler.dispose();
      transport(two).handle(peerChannels.gossip, () => utf8('new'));
      const reply = await settle(transport(one).request(two, peerChannels.gossip, utf8('x'), { timeoutMs: 5000 }));
      expect(reply.kind === 'reply' ? utf8Text(reply.payload) : reply).toBe('new');
    });
  });
}

function bound(net: PeerNetworkUnderTest) {
  return { net, transport: (nodeId: string) => net.transport(nodeId), settle: <T>(promise: Promise<T>): Promise<T> => net.settle(promise) };
}
