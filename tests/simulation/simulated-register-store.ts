import { compareBytes } from '../../backend/base/bytes.ts';
import type { RingName } from '../../backend/contracts/ids.ts';
import { registerKeyText } from '../../backend/register/key-text.ts';
import type {
  RegisterKey,
  RegisterStore,
  RegisterValue,
  RegisterWrite,
  ScanRange,
  StoredRegister,
} from '../../backend/register/register-store.ts';
import { ringNames } from '../../backend/contracts/ids.ts';
import type { ProcessLife, Scheduler } from './scheduler.ts';
import type { SeededRandom } from './seeded-random.ts';

interface Row extends StoredRegister {
  readonly key: RegisterKey;
}

/** What is on the platters of one node: it survives crashes. */
export interface SimulatedDisk {
  readonly rows: Map<string, Row>;
  readonly states: Map<string, Uint8Array>;
}

export function createSimulatedDisk(): SimulatedDisk {
  return { rows: new Map(), states: new Map() };
}

export interface SimulatedStoreOptions {
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly life: ProcessLife;
  readonly disk: SimulatedDisk;
  /** Told of every write when it is admitted, and again when it is durable. */
  readonly onAdmitted?: (write: RegisterWrite) => void;
  readonly onDurable?: (write: RegisterWrite) => void;
  /** Planted bugs of the disk. */
  readonly forgetsStates?: (name: string) => boolean;
  readonly acknowledgesBeforeCommit?: boolean;
}

interface Batch {
  readonly writes: readonly RegisterWrite[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * A `RegisterStore` on a simulated disk. Batches are committed in groups, which takes simulated
 * time; a crash loses what was not synced, and the group under way either whole or not at all.
 */
export function createSimulatedRegisterStore(options: SimulatedStoreOptions): RegisterStore {
  const { scheduler, random, life, disk } = options;
  let queue: Batch[] = [];
  let committing: Batch[] | null = null;
  let closed = false;
  let whenIdle: (() => void)[] = [];

  function apply(batches: readonly Batch[]): void {
    for (const batch of batches) for (const write of batch.writes) applyWrite(disk, write);
  }

  function startCommit(): void {
    if (committing !== null || queue.length === 0) {
      if (committing === null) for (const idle of whenIdle.splice(0)) idle();
      return;
    }
    const group = queue;
    queue = [];
    committing = group;
    const syncMs = 0.2 + random.fraction() + (random.chance(0.02) ? 60 * random.fraction() : 0);
    scheduler.after(syncMs, () => {
      if (!life.alive) return;
      committing = null;
      apply(group);
      for (const batch of group) {
        for (const write of batch.writes) options.onDurable?.(write);
        batch.resolve();
      }
      startCommit();
    });
  }

  life.onKill(() => {
    // The sync may have reached the platters although nobody heard of it.
    if (committing !== null && random.chance(0.5)) {
      apply(committing);
      for (const batch of committing) for (const write of batch.writes) options.onDurable?.(write);
    }
    queue = [];
  });

  return {
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
      const writes = batch.map(copyOf).filter((write) => write.kind !== 'state' || options.forgetsStates?.(write.name) !== true);
      for (const write of writes) options.onAdmitted?.(write);
      const committed = new Promise<void>((resolve, reject) => queue.push({ writes, resolve, reject }));
      startCommit();
      return options.acknowledgesBeforeCommit === true ? Promise.resolve() : committed;
    },
    count: (ring: RingName) => [...disk.rows.values()].filter((row) => row.key.ring === ring).length,
    async close() {
      closed = true;
      if (committing !== null || queue.length > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
      whenIdle = [];
    },
  };
}

function applyWrite(disk: SimulatedDisk, write: RegisterWrite): void {
  switch (write.kind) {
    case 'register':
      disk.rows.set(registerKeyText(write.key), { key: write.key, accepted: write.accepted, value: write.value });
      break;
    case 'delete':
      disk.rows.delete(registerKeyText(write.key));
      break;
    case 'state':
      if (write.bytes === null) disk.states.delete(write.name);
      else disk.states.set(write.name, write.bytes);
      break;
  }
}

function copyOf(write: RegisterWrite): RegisterWrite {
  switch (write.kind) {
    case 'register':
      return { ...write, key: { ...write.key, key: write.key.key.slice() }, value: copyValue(write.value) };
    case 'delete':
      return { ...write, key: { ...write.key, key: write.key.key.slice() } };
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
  const rows = found.slice(0, range.limit).map(({ key, accepted, value }) => ({ key: key.key, accepted, head: value.head }));
  return { rows, more: found.length > rows.length };
}

function comparePositions(left: RegisterKey, right: RegisterKey): number {
  return ringNames.indexOf(left.ring) - ringNames.indexOf(right.ring) || left.hash - right.hash || compareBytes(left.key, right.key);
}
