import type { RegisterStore } from './register-store.ts';
import { ByteReader, ByteWriter } from './byte-cursor.ts';

/**
 * Boot numbers: every start of a node has a higher one, recorded by its peers before it serves, so
 * that a copy of it that is still running (or an older start's message) is recognized and refused.
 */
export interface BootNumbers {
  /** Number of this start, durable. */
  readonly own: number;
  /** Highest number recorded of `nodeId`; 0: none. */
  recorded(nodeId: string): number;
  /**
   * Records the number of a starting peer, durably, before it resolves: `recorded`, or `fenced` with
   * the number that stands when `boot` is not above it. `startId` is random to one start: the same
   * number from the same start is a repetition, whose first answer was lost. Rejects when the store fails.
   */
  record(nodeId: string, boot: number, startId: string): Promise<{ readonly recorded: number } | { readonly fenced: number }>;
  /** What is recorded of a peer; undefined: nothing. */
  recordedStart(nodeId: string): PeerStart | undefined;
  /** Takes over what others have recorded, durably; a number never falls. */
  takeOver(starts: readonly (PeerStart & { readonly nodeId: string })[]): Promise<void>;
  /** Starts of nodes that do not know at least this epoch are not recorded here any more. */
  readonly requiredEpoch: number;
  /** Raises `requiredEpoch`, durably. */
  requireEpoch(epoch: number): Promise<void>;
}

export interface PeerStart {
  readonly boot: number;
  /** 16 hexadecimal characters. */
  readonly startId: string;
}

const ownState = 'boot/own';
const peerState = (nodeId: string): string => `boot/peer/${nodeId}`;
const epochState = 'boot/epoch';
const startIdSizeBytes = 8;
const unknownStart = '0'.repeat(2 * startIdSizeBytes);
const nobody: PeerStart = { boot: 0, startId: unknownStart };

/** Raises the own boot number by one and fsyncs it. Rejects when the store fails. */
export async function openBootNumbers(store: RegisterStore): Promise<BootNumbers> {
  const own = (readStart(store, ownState) ?? nobody).boot + 1;
  await store.write([{ kind: 'state', name: ownState, bytes: encodeStart({ boot: own, startId: unknownStart }) }]);
  const peers = new Map<string, PeerStart>();
  const known = (nodeId: string): PeerStart => {
    let start = peers.get(nodeId);
    if (start === undefined) {
      start = readStart(store, peerState(nodeId)) ?? nobody;
      peers.set(nodeId, start);
    }
    return start;
  };
  let requiredEpoch = readEpoch(store);
  return {
    own,
    recorded: (nodeId) => known(nodeId).boot,
    async record(nodeId, boot, startId) {
      const before = known(nodeId);
      if (boot < before.boot || (boot === before.boot && startId !== before.startId)) return { fenced: before.boot };
      // Counts at once, so that two starts that ask at the same time cannot both be recorded.
      peers.set(nodeId, { boot, startId });
      await store.write([{ kind: 'state', name: peerState(nodeId), bytes: encodeStart({ boot, startId }) }]);
      return { recorded: boot };
    },
    recordedStart: (nodeId) => (known(nodeId).boot === 0 ? undefined : known(nodeId)),
    async takeOver(starts) {
      const higher = starts.filter(({ nodeId, boot }) => boot > known(nodeId).boot);
      for (const { nodeId, boot, startId } of higher) peers.set(nodeId, { boot, startId });
      await store.write(higher.map((start) => ({ kind: 'state', name: peerState(start.nodeId), bytes: encodeStart(start) })));
    },
    get requiredEpoch() {
      return requiredEpoch;
    },
    async requireEpoch(epoch) {
      if (epoch <= requiredEpoch) return;
      // Counts at once: what is recorded from now on is not collected any more.
      requiredEpoch = epoch;
      const writer = new ByteWriter(5);
      writer.u8(1);
      writer.u32(epoch);
      await store.write([{ kind: 'state', name: epochState, bytes: writer.finish() }]);
    },
  };
}

function readEpoch(store: RegisterStore): number {
  const bytes = store.readState(epochState);
  if (bytes === undefined) return 0;
  const reader = new ByteReader(bytes);
  reader.u8();
  return reader.u32();
}

function readStart(store: RegisterStore, name: string): PeerStart | undefined {
  const bytes = store.readState(name);
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  reader.u8();
  const boot = reader.u32();
  // The first form had no start id.
  return { boot, startId: reader.left >= startIdSizeBytes ? reader.hex(startIdSizeBytes) : unknownStart };
}

function encodeStart(start: PeerStart): Uint8Array {
  const writer = new ByteWriter(5 + startIdSizeBytes);
  writer.u8(1);
  writer.u32(start.boot);
  writer.hex(start.startId);
  return writer.finish();
}
