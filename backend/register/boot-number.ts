import type { RegisterStore } from './register-store.ts';
import { ByteReader, ByteWriter } from './byte-cursor.ts';

/**
 * Boot numbers: every start of a node has a higher one, recorded by its peers before it serves, so
 * that a copy of it that is still running (or an older start's message) is recognized and refused.
 */
export interface BootNumbers {
  /** Number of this start, durable. */
  readonly own: number;
  /**
   * Takes the next number, durably: when a peer's answer to `own` was lost, it would now fence the
   * repetition, so the start goes on under a new number. Only before serving.
   */
  raise(): Promise<number>;
  /** Highest number recorded of `nodeId`; 0: none. */
  recorded(nodeId: string): number;
  /**
   * Records the number of a starting peer, durably, before it resolves: `recorded` with the highest
   * number known before, or `fenced` with it when `boot` is not above it. Rejects when the store fails.
   */
  record(nodeId: string, boot: number): Promise<{ readonly recorded: number } | { readonly fenced: number }>;
}

const ownState = 'boot/own';
const peerState = (nodeId: string): string => `boot/peer/${nodeId}`;

/** Raises the own boot number by one and fsyncs it. Rejects when the store fails. */
export async function openBootNumbers(store: RegisterStore): Promise<BootNumbers> {
  let own = readNumber(store, ownState);
  const raise = async (): Promise<number> => {
    const next = own + 1;
    await store.write([{ kind: 'state', name: ownState, bytes: encodeNumber(next) }]);
    own = next;
    return next;
  };
  await raise();
  const peers = new Map<string, number>();
  const recorded = (nodeId: string): number => {
    let number = peers.get(nodeId);
    if (number === undefined) {
      number = readNumber(store, peerState(nodeId));
      peers.set(nodeId, number);
    }
    return number;
  };
  return {
    get own() {
      return own;
    },
    raise,
    recorded,
    async record(nodeId, boot) {
      const before = recorded(nodeId);
      if (boot <= before) return { fenced: before };
      // Counts at once, so that two starts that ask at the same time cannot both be recorded.
      peers.set(nodeId, boot);
      await store.write([{ kind: 'state', name: peerState(nodeId), bytes: encodeNumber(boot) }]);
      return { recorded: before };
    },
  };
}

function readNumber(store: RegisterStore, name: string): number {
  const bytes = store.readState(name);
  if (bytes === undefined) return 0;
  const reader = new ByteReader(bytes);
  reader.u8();
  return reader.u32();
}

function encodeNumber(number: number): Uint8Array {
  const writer = new ByteWriter(5);
  writer.u8(1);
  writer.u32(number);
  return writer.finish();
}
