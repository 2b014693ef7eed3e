import type { RegisterStore } from './register-store.ts';
import { ByteReader, ByteWriter } from './byte-cursor.ts';

/**
 * Boot numbers: every start of a node has a higher one, recorded by its peers before it serves, so
 * that a copy of it that is still running (or an older start's message) is recognized and refused.
 *
 * While it runs, a start also raises its **mark** whenever its store has changed, and tells it to peers:
 * a data directory that was put back as it once was comes with a lower mark than they remember, even
 * when it was copied during the very start that it replaces.
 */
export interface BootNumbers {
  /** Number of this start, durable. */
  readonly own: number;
  /** The mark of the store, durable. */
  readonly mark: number;
  /** Makes the mark one higher, durably. Rejects when the store fails. */
  raiseMark(): Promise<void>;
  /** Highest number recorded of `nodeId`; 0: none. */
  recorded(nodeId: string): number;
  /**
   * Records number and mark of a peer's start, durably, before it resolves: `recorded`, or `fenced` with what
   * stands when the start is not a later one, or comes with less than its node has told before. A repetition
   * by the same start takes over its mark. Rejects when the store fails.
   */
  record(start: ToldStart): Promise<{ readonly recorded: number } | { readonly fenced: number; readonly mark: number }>;
  /** What is recorded of a peer; undefined: nothing. */
  recordedStart(nodeId: string): PeerStart | undefined;
  /** Takes over what others have recorded, durably; neither number nor mark ever falls. */
  takeOver(starts: readonly ToldStart[]): Promise<void>;
  /** Starts of nodes that do not know at least this epoch are not recorded here any more. */
  readonly requiredEpoch: number;
  /** Raises `requiredEpoch`, durably. */
  requireEpoch(epoch: number): Promise<void>;
}

/** What a start says of itself. */
export interface ToldStart {
  readonly nodeId: string;
  readonly boot: number;
  /** 16 hexadecimal characters, random to one start: the same number from the same start is a repetition. */
  readonly startId: string;
  /** Of its store, as durable there when this was said. */
  readonly mark: number;
}

export type PeerStart = Omit<ToldStart, 'nodeId'>;

const ownState = 'boot/own';
const peerState = (nodeId: string): string => `boot/peer/${nodeId}`;
const epochState = 'boot/epoch';
const startIdSizeBytes = 8;
const markSizeBytes = 6;
const format = 2;
const unknownStart = '0'.repeat(2 * startIdSizeBytes);
const nobody: PeerStart = { boot: 0, startId: unknownStart, mark: 0 };

/** Raises the own boot number by one and fsyncs it. Rejects when the store fails. */
export async function openBootNumbers(store: RegisterStore): Promise<BootNumbers> {
  const before = readStart(store, ownState) ?? nobody;
  const own = before.boot + 1;
  let { mark } = before;
  const writeOwn = (next: number): Promise<void> =>
    store.write([{ kind: 'state', name: ownState, bytes: encodeStart({ boot: own, startId: unknownStart, mark: next }) }]);
  await writeOwn(mark);
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
    get mark() {
      return mark;
    },
    async raiseMark() {
      const next = mark + 1;
      await writeOwn(next);
      mark = Math.max(mark, next);
    },
    recorded: (nodeId) => known(nodeId).boot,
    async record({ nodeId, boot, startId, mark: told }) {
      const stands = known(nodeId);
      const isSameStart = boot === stands.boot && startId === stands.startId;
      if (!isSameStart && (boot <= stands.boot || told < stands.mark)) return { fenced: stands.boot, mark: stands.mark };
      const start: PeerStart = { boot, startId, mark: Math.max(told, stands.mark) };
      // Counts at once, so that two starts that ask at the same time cannot both be recorded.
      peers.set(nodeId, start);
      await store.write([{ kind: 'state', name: peerState(nodeId), bytes: encodeStart(start) }]);
      return { recorded: boot };
    },
    recordedStart: (nodeId) => (known(nodeId).boot === 0 ? undefined : known(nodeId)),
    async takeOver(starts) {
      const news = starts.filter(({ nodeId, boot, mark: told }) => boot > known(nodeId).boot || told > known(nodeId).mark);
      for (const { nodeId, boot, startId, mark: told } of news) {
        const stands = known(nodeId);
        const newer = boot > stands.boot ? { boot, startId } : { boot: stands.boot, startId: stands.startId };
        peers.set(nodeId, { ...newer, mark: Math.max(told, stands.mark) });
      }
      await store.write(news.map(({ nodeId }) => ({ kind: 'state', name: peerState(nodeId), bytes: encodeStart(known(nodeId)) })));
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

/** What `store` holds of its own starts (`nodeId` undefined), or of a peer's: for whoever looks at a store from outside. */
export function startOnDisk(store: Pick<RegisterStore, 'readState'>, nodeId?: string): { readonly boot: number; readonly mark: number } {
  return readStart(store, nodeId === undefined ? ownState : peerState(nodeId)) ?? nobody;
}

function readStart(store: Pick<RegisterStore, 'readState'>, name: string): PeerStart | undefined {
  const bytes = store.readState(name);
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  const found = reader.u8();
  if (found > format)
    throw new Error(`A boot number on disk has format ${found}; this release knows up to ${format}. Start the release that wrote it.`);
  const boot = reader.u32();
  // The first form had no mark, and at the very first no start id.
  const startId = reader.left >= startIdSizeBytes ? reader.hex(startIdSizeBytes) : unknownStart;
  return { boot, startId, mark: reader.left >= markSizeBytes ? reader.u48() : 0 };
}

function encodeStart(start: PeerStart): Uint8Array {
  const writer = new ByteWriter(1 + 4 + startIdSizeBytes + markSizeBytes);
  writer.u8(format);
  writer.u32(start.boot);
  writer.hex(start.startId);
  writer.u48(start.mark);
  return writer.finish();
}
