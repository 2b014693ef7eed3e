import { describe, expect, it } from 'vitest';
import { Emitter } from '../../base/emitter.ts';
import type { Logger } from '../../base/logger.ts';
import { success } from '../../base/outcome.ts';
import type { PeerTransport } from '../../base/peer-transport.ts';
import type { Membership, MembershipUpdate } from '../../contracts/membership.ts';
import { createManualClock } from '../../controller/testing/manual-clock.ts';
import { EpochGossip } from './epoch-gossip.ts';
import { decodeJson, encodeJson } from './message.ts';
import type { EpochState } from './epoch-state.ts';

const peer = '2'.repeat(16);

/** A node with the list of `version`, and a peer that answers with `held`. */
function setUp() {
  const clock = createManualClock();
  const node = { version: 10, held: 7, applied: 'other-history' as const };
  const sent: unknown[] = [];
  const warnings: string[] = [];
  const changed = new Emitter<Membership>();
  let receive: (from: string, payload: Uint8Array) => Promise<Uint8Array> = () => Promise.resolve(new Uint8Array());
  const transport = {
    handle: (_channel: string, handler: typeof receive) => {
      receive = handler;
      return { dispose: () => undefined };
    },
    request: (_to: string, _channel: string, payload: Uint8Array) => {
      sent.push(decodeJson(payload));
      return Promise.resolve({ kind: 'reply', payload: encodeJson({ epoch: 1, membershipVersion: node.held }) } as const);
    },
  };
  const gossip = new EpochGossip({
    clock,
    logger: { warn: (_fields: object, message: string) => void warnings.push(message) } as unknown as Logger,
    transport: transport as unknown as PeerTransport,
    epochs: { current: null, epoch: 1 } as EpochState,
    membership: {
      get version() {
        return node.version;
      },
      changed,
      whole: () => ({ version: node.version }) as MembershipUpdate,
      applyFromPeer: () => Promise.resolve(success({ kind: node.applied, version: node.version })),
    },
  });
  const seen = (): Promise<void> => gossip.onSeen(peer, { epoch: 1, phase: 'active', membershipVersion: node.held });
  const listFrom = (version: number): Promise<Uint8Array> => receive(peer, encodeJson({ membership: { version } }));
  return { clock, node, sent, warnings, gossip, seen, listFrom };
}

describe('lists from peer to peer', () => {
  it('are not sent again to whoever did not take them, until there is a newer one', async () => {
    const { clock, node, sent, gossip, seen } = setUp();
    await clock.advance(6_000);
    for (let look = 0; look < 5; look++) await seen();
    expect(sent).toEqual([{ membership: { version: 10 } }]);
    node.version = 11;
    for (let look = 0; look < 5; look++) await seen();
    expect(sent).toHaveLength(2);
    gossip.dispose();
  });

  it('that do not show that they follow from the own one are told of once', async () => {
    const { warnings, gossip, listFrom } = setUp();
    for (const version of [12, 12, 11, 12]) await listFrom(version);
    expect(warnings).toEqual([expect.stringContaining('does not show that it follows from ours')]);
    await listFrom(13);
    expect(warnings).toHaveLength(2);
    gossip.dispose();
  });
});
