import { compareBytes, emptyBytes } from '../../backend/base/bytes.ts';
import type { Failure } from '../../backend/base/outcome.ts';
import { FailureError } from '../../backend/base/outcome.ts';
import { failure } from '../../backend/contracts/errors.ts';
import type { RingName } from '../../backend/contracts/ids.ts';
import { registerKeyText } from '../../backend/register/key-text.ts';
import { isTombstone } from '../../backend/register/record.ts';
import type {
  RegisterKey,
  RegisterStore,
  RegisterValue,
  RegisterWrite,
  ScanRange,
  StoredRegister,
} from '../../backend/register/register-store.ts';
import { comparePositions } from '../../backend/register/register-store.ts';
import type { ProcessLife, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';

interface Row extends StoredRegister {
  readonly key: RegisterKey;
}

/** What is on the platters of one node: it survives crashes. */
export interface SimulatedDisk {
  readonly rows: Map<string, Row>;
  readonly states: Map<string, Uint8Array>;
  /** No room: only tombstones and small states are taken, as with the production store's reserve. */
  full: boolean;
  /** The next sync fails. */
  failsNext: boolean;
  /** Syncs done since the beginning. */
  syncs: number;
}

/** What a sync that fails is told as. */
export const diskFailure = failure('StorageFailed', 'The simulated disk failed to sync.');

export function createSimulatedDisk(): SimulatedDisk {
  return { rows: new Map(), states: new Map(), full: false, failsNext: false, syncs: 0 };
}

/** The same disk as of now, for putting an old one back later. */
export function copyOfDisk(disk: SimulatedDisk): SimulatedDisk {
  return { ...createSimulatedDisk(), rows: new Map(disk.rows), states: new Map(disk.states) };
}

export interface SimulatedStoreOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly life: ProcessLife;
  readonly disk: SimulatedDisk;
  /** How long a sync takes; random unless given. */
  readonly syncMs?: number;
  /** Told of every write when it is admitted, and again when it is durable (with the row that it replaced). */
  readonly onAdmitted?: (write: RegisterWrite) => void;
  readonly onDurable?: (write: RegisterWrite, before: StoredRegister | undefined) => void;
}

interface Batch {
  readonly writes: readonly RegisterWrite[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A `RegisterStore` on a simulated disk. Batches are committed in groups, which takes simulated
 * time; a crash, or a sync that fails, loses what was not synced: any number of the group's batches
 * may have reached the platters, in order and each whole, although nobody heard of it.
 */
export function createSimulatedRegisterStore(options: SimulatedStoreOptions): RegisterStore {
  const { scheduler, random, life, disk } = options;
  let queue: Batch[] = [];
  let committing: Batch[] | null = null;
  let closed = false;
  let ended: FailureError | null = null;
  let whenIdle: (() => void)[] = [];
  const broken = Promise.withResolvers<Failure>();

  function apply(batches: readonly Batch[]): void {
    for (const batch of batches) {
      for (const write of batch.writes) {
        const before = applyWrite(disk, write);
        options.onDurable?.(write, before);
      }
    }
  }

  function tornAway(group: readonly Batch[]): void {
    apply(group.slice(0, random.below(group.length + 1)));
  }

  function fail(group: readonly Batch[]): void {
    disk.failsNext = false;
    ended = new FailureError(diskFailure);
    tornAway(group);
    broken.resolve(ended.failure);
    for (const batch of [...group, ...queue.splice(0)]) batch.reject(ended);
  }

  function startCommit(): void {
    if (committing !== null || queue.length === 0) {
      if (committing === null) for (const idle of whenIdle.splice(0)) idle();
      return;
    }
    const group = queue;
    queue = [];
    committing = group;
    const syncMs = options.syncMs ?? 0.2 + random.fraction() + (random.chance(0.02) ? 60 * random.fraction() : 0);
    scheduler.after(syncMs, () => {
      if (!life.alive) return;
      committing = null;
      disk.syncs += 1;
      if (disk.failsNext) return fail(group);
      for (const batch of group) {
        if (disk.full && batch.writes.some(needsRoom)) {
          batch.reject(new FailureError(failure('StorageFull', 'The simulated disk is full.')));
          continue;
        }
        apply([batch]);
        batch.resolve();
      }
      startCommit();
    });
  }

  life.onKill(() => {
    if (committing !== null) tornAway(committing);
    queue = [];
  });

  return {
    failed: broken.promise,
    read(key) {
      const row = disk.rows.get(registerKeyText(key));
      return row === undefined ? undefined : { accepted: row.accepted, value: row.value };
    },
    readBallot: (key) => disk.rows.get(registerKeyText(key))?.accepted,
    scan: (range) => scanRows(disk, range),
    walk(walk) {
      return [...disk.rows.values()]
        .filter(
          ({ key }) =>
            key.ring === walk.ring &&
            key.hash >= walk.fromHash &&
            key.hash <= walk.toHash &&
            (walk.after === undefined || comparePositions(key, walk.after) > 0),
        )
        .sort((left, right) => comparePositions(left.key, right.key))
        .slice(0, walk.limit)
        .map(({ key, accepted, value }) => ({ key, accepted, head: value.head, inlineBytes: value.inline?.length ?? 0 }));
    },
    readState: (name) => disk.states.get(name),
    write(batch) {
      if (closed) return Promise.reject(new Error('The store is closed.'));
      if (!life.alive) return new Promise(() => undefined);
      if (ended !== null) return Promise.reject(ended);
      const writes = batch.map(copyOf);
      for (const write of writes) options.onAdmitted?.(write);
      const committed = new Promise<void>((resolve, reject) => queue.push({ writes, resolve, reject }));
      startCommit();
      return committed;
    },
    count: (ring: RingName) => [...disk.rows.values()].filter((row) => row.key.ring === ring).length,
    async close() {
      closed = true;
      if (committing !== null || queue.length > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
      whenIdle = [];
    },
  };
}

function needsRoom(write: RegisterWrite): boolean {
  return write.kind === 'register' && !isTombstone(write.value.head);
}

/** The row that was there before. */
function applyWrite(disk: SimulatedDisk, write: RegisterWrite): StoredRegister | undefined {
  if (write.kind === 'state') {
    if (write.bytes === null) disk.states.delete(write.name);
    else disk.states.set(write.name, write.bytes);
    return undefined;
  }
  if (write.kind === 'delete-range') {
    for (const [text, { key }] of disk.rows)
      if (key.ring === write.ring && key.hash >= write.fromHash && key.hash <= write.toHash) disk.rows.delete(text);
    return undefined;
  }
  const text = registerKeyText(write.key);
  const before = disk.rows.get(text);
  if (write.kind === 'delete') disk.rows.delete(text);
  else disk.rows.set(text, { key: write.key, accepted: write.accepted, value: write.value });
  return before;
}

function copyOf(write: RegisterWrite): RegisterWrite {
  switch (write.kind) {
    case 'register':
      return { ...write, key: { ...write.key, key: write.key.key.slice() }, value: copyValue(write.value) };
    case 'delete':
      return { ...write, key: { ...write.key, key: write.key.key.slice() } };
    case 'delete-range':
      return write;
    case 'state':
      return { ...write, bytes: write.bytes?.slice() ?? null };
  }
}

function copyValue(value: RegisterValue): RegisterValue {
  return { head: value.head.slice(), inline: value.inline?.slice() ?? null };
}

function scanRows(disk: SimulatedDisk, range: ScanRange): ReturnType<RegisterStore['scan']> {
  const found = [...disk.rows.values()]
    .filter(
      ({ key }) =>
        key.ring === range.ring &&
        key.hash === range.hash &&
        compareBytes(key.key, range.from) >= 0 &&
        (range.to === undefined || compareBytes(key.key, range.to) < 0),
    )
    .sort((left, right) => compareBytes(left.key.key, right.key.key));
  const rows = found
    .slice(0, range.limit)
    .map(({ key, accepted, value }) => ({ key: key.key, accepted, head: range.ballotsOnly ? emptyBytes : value.head }));
  return { rows, more: found.length > rows.length };
}
