import type { Clock } from '../base/clock.ts';
import type { KeyedMutex } from '../base/keyed-mutex.ts';
import type { Disposable } from '../base/lifecycle.ts';
import { toDisposable } from '../base/lifecycle.ts';
import type { PeerHandler, PeerTransport } from '../base/peer-transport.ts';
import { peerChannels } from '../base/peer-transport.ts';
import { toHex } from '../base/bytes.ts';
import type { Random } from '../base/random.ts';
import { ByteReader, ByteWriter } from './byte-cursor.ts';
import { registerKeyText, ringNumber, ringOfNumber } from './key-text.ts';
import type { RegisterKey } from './register-store.ts';
import type { RegisterView } from './register-view.ts';

/**
 * Turns at the partition's first live replica. Changes of one name that keep losing ballots to each
 * other queue up there, among its own, and run one after another. A hint that saves ballots: whoever
 * gets no turn goes on without one, and nothing depends on two nodes naming the same replica.
 */
export interface Turns {
  /** A turn for `key`, to be disposed of after the change; null where this node is the first itself, or nobody gave one in time. */
  take(key: RegisterKey): Promise<Disposable | null>;
  /** Gives turns to others; the handler of channel `turn`. */
  readonly handle: PeerHandler;
}

export interface TurnLimits {
  /** How long a change waits for its turn, and how long a turn lasts at most: its holder may be gone. */
  readonly turnWaitMs: number;
  readonly turnLeaseMs: number;
}

const kinds = { take: 1, done: 2 } as const;
const answers = { refused: 0, granted: 1 } as const;
const turnIdSizeBytes = 8;
const maxTurnsGiven = 4096;

interface Message {
  readonly kind: number;
  readonly turnId: string;
  readonly key: RegisterKey;
}

export function createTurns(deps: {
  view: RegisterView;
  transport: PeerTransport;
  clock: Clock;
  random: Random;
  /** The turns of the own changes. */
  own: KeyedMutex;
  limits: TurnLimits;
}): Turns {
  const { view, transport, clock, random, own, limits } = deps;
  const given = new Map<string, Disposable>();

  function firstLive(key: RegisterKey): string | undefined {
    return view.groupsOf(key.ring, key.hash)[0]?.find((node) => node === view.selfId || view.reachable(node));
  }

  function give(turnId: string, turn: Disposable): void {
    const expiry = clock.schedule(limits.turnLeaseMs, () => given.get(turnId)?.dispose());
    given.set(
      turnId,
      toDisposable(() => {
        expiry.cancel();
        given.delete(turnId);
        turn.dispose();
      }),
    );
  }

  return {
    async take(key) {
      const first = firstLive(key);
      if (first === undefined || first === view.selfId) return null;
      const turnId = toHex(random.bytes(turnIdSizeBytes));
      const say = (kind: number): ReturnType<PeerTransport['request']> =>
        transport.request(first, peerChannels.turn, encode({ kind, turnId, key }), { timeoutMs: limits.turnWaitMs });
      const reply = await say(kinds.take);
      if (reply.kind === 'timeout') void say(kinds.done);
      if (reply.kind !== 'reply' || reply.payload[0] !== answers.granted) return null;
      return toDisposable(() => void say(kinds.done));
    },
    async handle(from, payload) {
      const { kind, turnId, key } = decode(payload);
      const id = `${from} ${turnId}`;
      if (kind === kinds.done) {
        given.get(id)?.dispose();
        return new Uint8Array([answers.granted]);
      }
      const askedMs = clock.monotonicMs();
      const turn = given.size >= maxTurnsGiven || given.has(id) ? undefined : await own.acquire(registerKeyText(key));
      if (turn === undefined) return new Uint8Array([answers.refused]);
      if (clock.monotonicMs() - askedMs >= limits.turnWaitMs) {
        // Whoever asked has given up waiting.
        turn.dispose();
        return new Uint8Array([answers.refused]);
      }
      give(id, turn);
      return new Uint8Array([answers.granted]);
    },
  };
}

function encode(message: Message): Uint8Array {
  const { kind, turnId, key } = message;
  const writer = new ByteWriter(1 + turnIdSizeBytes + 1 + 4 + key.key.length);
  writer.u8(kind);
  writer.hex(turnId);
  writer.u8(ringNumber(key.ring));
  writer.u32(key.hash);
  writer.raw(key.key);
  return writer.finish();
}

/** Throws on what is no such message; the transport answers `error`. */
function decode(payload: Uint8Array): Message {
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  const turnId = reader.hex(turnIdSizeBytes);
  const ring = ringOfNumber(reader.u8());
  if (ring === undefined || (kind !== kinds.take && kind !== kinds.done)) throw new Error('not a message about turns');
  const hash = reader.u32();
  // A copy: the key outlives the message while it waits.
  return { kind, turnId, key: { ring, hash, key: reader.raw(reader.left).slice() } };
}
