import { FailureError } from '../base/outcome.ts';
import type { Logger } from '../base/logger.ts';
import type { RingName } from '../contracts/ids.ts';
import type { Ballot } from './ballot.ts';
import { compareBallots, zeroBallot } from './ballot.ts';
import { MalformedBytes } from './byte-cursor.ts';
import { decodeRequest, encodeReply, maxRecordBytes } from './codec.ts';
import { createFences } from './fences.ts';
import { registerKeyText } from './key-text.ts';
import type { RegisterReply, RegisterRequest, UnavailableReason } from './messages.ts';
import type { RegisterPlants } from './plants.ts';
import { createEarlyKeys, noPlants } from './plants.ts';
import { createPromiseCeiling } from './promise-ceiling.ts';
import { createPromises } from './promises.ts';
import { createPurgeFloors } from './purge-floors.ts';
import { isTombstone } from './record.ts';
import type { RegisterKey, RegisterStore, RegisterWrite, ScannedRegister, ScanRange, StoredRegister, WalkRange } from './register-store.ts';
import type { RegisterView } from './register-view.ts';
import { compareRegimes } from './register-view.ts';

export interface AcceptorDeps {
  readonly view: RegisterView;
  readonly store: RegisterStore;
  readonly logger: Logger;
  /** An accept was refused for a higher promise: if it got its majority elsewhere, this replica has missed it. */
  readonly onAcceptRefused?: (key: RegisterKey) => void;
  readonly limits?: Partial<AcceptorLimits>;
  readonly plants?: RegisterPlants;
}

export interface AcceptorLimits {
  /** Promises kept in memory; beyond it the oldest turn into a floor under every key. */
  readonly promises: number;
  /** Accepts that wait for their commit. */
  readonly pendingAccepts: number;
  /** Counters by which the durable promise ceiling rises at once. */
  readonly ceilingStep: number;
  readonly scanRows: number;
  readonly scanBytes: number;
}

const defaultLimits: AcceptorLimits = {
  promises: 65_536,
  pendingAccepts: 8192,
  ceilingStep: 65_536,
  scanRows: 4096,
  scanBytes: 4 * 1024 * 1024,
};

export interface Acceptor {
  /** Answers one request of node `from` (its authenticated id; the own id for the proposer beside). Never rejects. */
  handle(from: string, request: RegisterRequest): RegisterReply | Promise<RegisterReply>;
  /** The same for bytes; the handler of channel `register`. */
  handlePayload(from: string, payload: Uint8Array): Uint8Array | Promise<Uint8Array>;
  /** Keys whose promise is in memory now. */
  readonly promisesInMemory: number;
}

/**
 * The acceptor of this node, over its durable rows.
 *
 * Invariants: a granted promise never falls, restarts included (it is below the durable ceiling, and
 * that is the floor after a restart); nothing is admitted below a granted promise; admission order is
 * commit order; every reply shows committed rows only.
 */
export function createAcceptor(deps: AcceptorDeps): Acceptor {
  const { view, store, logger } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const plants = deps.plants ?? noPlants;
  const ceiling = createPromiseCeiling(store, limits.ceilingStep, plants);
  const floors = createPurgeFloors(store);
  const fences = createFences(store);
  const promises = createPromises(ceiling.restartFloor, limits.promises);
  const earlyKeys = plants.has('sync-unfenced-scan') ? createEarlyKeys(store) : null;
  let storageFailed = false;
  let pendingAccepts = 0;

  /** The reply that stands in the way of serving `request` now, or null. */
  function obstacle(from: string, request: RegisterRequest): RegisterReply | null {
    if (storageFailed) return unavailable('storage-failed');
    const regime = view.regime();
    const order = regime === null ? -1 : compareRegimes(regime, request.regime);
    if (order < 0) return { kind: 'behind', regime };
    if (!view.serving()) return unavailable('not-serving');
    if (from !== view.selfId && request.boot < view.recordedBoot(from)) return unavailable('old-start');
    if (order > 0 && request.kind === 'read' && plants.has('old-quorum-read')) return null;
    if (order > 0 && regime !== null) {
      const certificate = view.certificate();
      return certificate === null ? unavailable('not-serving') : { kind: 'ahead', regime, certificate };
    }
    const [ring, hash] = placeOf(request);
    return view.groupsOf(ring, hash).some((group) => group.includes(view.selfId)) ? null : unavailable('not-a-replica');
  }

  function handle(from: string, request: RegisterRequest): RegisterReply | Promise<RegisterReply> {
    const adopting = view.adopting();
    if (adopting !== null) return adopting.then(() => handle(from, request));
    if (view.regime()?.phase === 'active') earlyKeys?.note();
    const inTheWay = obstacle(from, request);
    if (inTheWay?.kind === 'behind' && request.certificate !== null) return learnAndServe(from, request, request.certificate);
    return inTheWay ?? serve(from, request);
  }

  async function learnAndServe(from: string, request: RegisterRequest, certificate: Uint8Array): Promise<RegisterReply> {
    await view.learn(from, certificate);
    const adopting = view.adopting();
    if (adopting !== null) await adopting;
    return obstacle(from, request) ?? serve(from, request);
  }

  /** Why `request` is not served for a fence's sake; looked at in the same breath as the row. */
  function fenceBefore(request: RegisterRequest, key: RegisterKey): 'fenced' | 'not-fenced' | null {
    return request.fence === undefined || plants.has('bucket-delete-without-marker') ? null : fences.obstacle(key, request.fence);
  }

  function fencedOff(request: RegisterRequest, key: RegisterKey): RegisterReply | null {
    const fenced = fenceBefore(request, key);
    return fenced === null ? null : unavailable(fenced);
  }

  function serve(from: string, request: RegisterRequest): RegisterReply | Promise<RegisterReply> {
    switch (request.kind) {
      case 'read':
        return fencedOff(request, request.key) ?? read(request.key, request.wantValue);
      case 'scan':
        return fencedOff(request, { ...request.range, key: request.range.from }) ?? scan(request.range);
      case 'walk':
        return walk(request.range);
      case 'prepare':
        if (request.ballot.nodeId !== from || request.ballot.boot !== request.boot) return unavailable('malformed');
        return vote(from, request, request.ballot);
      case 'accept':
        if (request.value.head.length + (request.value.inline?.length ?? 0) > maxRecordBytes) return unavailable('malformed');
        return vote(from, request, request.ballot);
      case 'purge':
        return purge(request.key, request.ballot);
    }
  }

  function read(key: RegisterKey, wantValue: boolean): RegisterReply {
    if (!wantValue) return { kind: 'value', accepted: store.readBallot(key) ?? zeroBallot, value: null };
    const row = store.read(key);
    return { kind: 'value', accepted: row?.accepted ?? zeroBallot, value: row?.value ?? null };
  }

  function scan(range: ScanRange): RegisterReply {
    const { rows, more } = store.scan({ ...range, limit: Math.max(1, Math.min(range.limit, limits.scanRows)) });
    const kept = rowsWithin(rows, limits.scanBytes);
    return { kind: 'rows', rows: kept, more: more || kept.length < rows.length };
  }

  function walk(range: WalkRange): RegisterReply {
    if (earlyKeys !== null) return { kind: 'positions', keys: earlyKeys.walk(range), more: false };
    const { after, ...hashes } = range;
    const limit = Math.max(1, Math.min(range.limit, limits.scanRows));
    const rows = store.walk({ ...hashes, ...(after === null ? {} : { after }), limit });
    return { kind: 'positions', keys: rows.map((row) => row.key), more: rows.length === limit };
  }

  async function vote(from: string, request: RegisterRequest & { kind: 'prepare' | 'accept' }, ballot: Ballot): Promise<RegisterReply> {
    if (ballot.epoch !== request.regime.epoch) return unavailable('malformed');
    if (!ceiling.covers(ballot)) {
      // Before anything is compared: what a refusal says must be as durable as a promise.
      try {
        await ceiling.raise(ballot);
      } catch (error) {
        return unavailable(storageFault(error));
      }
      // Other rules may hold by now.
      return handle(from, request);
    }
    return request.kind === 'prepare' ? prepare(from, request) : accept(request, ballot);
  }

  async function prepare(from: string, request: RegisterRequest & { kind: 'prepare' }): Promise<RegisterReply> {
    const { key, ballot } = request;
    const fenced = fencedOff(request, key);
    if (fenced !== null) return fenced;
    const text = registerKeyText(key);
    const row = store.read(key);
    const promise = promises.of(text, row?.accepted ?? floors.of(key));
    const order = compareBallots(ballot, promise);
    if (order < 0 || (order === 0 && !plants.has('ballot-reuse'))) return { kind: 'refused', promise };
    promises.grant(text, ballot);
    const committing = promises.lastCommit(text);
    if (committing === null) return promised(key, row);
    // An accept admitted before this promise still commits: the answer must show it.
    await committing;
    // What it holds now may be another epoch's.
    const inTheWay = obstacle(from, request);
    if (inTheWay !== null) return inTheWay;
    const committed = store.read(key);
    const now = promises.of(text, committed?.accepted ?? zeroBallot);
    // Overtaken while it waited, perhaps by the accept of this very ballot.
    if (compareBallots(now, ballot) > 0 || compareBallots(committed?.accepted ?? zeroBallot, ballot) === 0)
      return { kind: 'refused', promise: now };
    return fencedOff(request, key) ?? promised(key, committed);
  }

  function promised(key: RegisterKey, row: StoredRegister | undefined): RegisterReply {
    return { kind: 'promised', accepted: row?.accepted ?? zeroBallot, value: row?.value ?? null, floor: floors.of(key) };
  }

  async function accept(request: RegisterRequest & { kind: 'accept' }, ballot: Ballot): Promise<RegisterReply> {
    const { key, value } = request;
    const text = registerKeyText(key);
    const floor = floors.of(key);
    // A promise in memory is at least the row's ballot, so the row need not be read; the floor counts only without a row.
    const stored = promises.has(text) && compareBallots(ballot, floor) >= 0 ? undefined : store.readBallot(key);
    const promise = promises.of(text, stored ?? floor);
    if (compareBallots(ballot, promise) < 0) {
      deps.onAcceptRefused?.(key);
      return { kind: 'refused', promise };
    }
    if (stored !== undefined && compareBallots(stored, ballot) === 0) return { kind: 'accepted' };
    const underWay = promises.commitOf(text, ballot);
    if (underWay !== null) return (await underWay) ? { kind: 'accepted' } : unavailable(storageFailed ? 'storage-failed' : 'storage-full');
    // In the order of admission: what is admitted before a fence commits before it, and whoever relies on the fence sees it.
    const fenced = fenceBefore(request, key);
    if (fenced !== null) {
      const isHere = compareBallots(store.readBallot(key) ?? zeroBallot, ballot) === 0;
      return isHere ? { kind: 'accepted' } : turnedAway(text, ballot, fenced);
    }
    if (!fences.isReadable(key, value)) return turnedAway(text, ballot, 'malformed');
    if (pendingAccepts >= limits.pendingAccepts) return turnedAway(text, ballot, 'busy');
    pendingAccepts += 1;
    const committed = store.write([{ kind: 'register', key, accepted: ballot, value }]);
    const settled = committed.then(
      () => true,
      () => false,
    );
    try {
      promises.admit(text, ballot, settled);
      fences.admitted(key, value, settled);
      if (!plants.has('ack-before-commit')) await committed;
      promises.committed(text, ballot);
      return { kind: 'accepted' };
    } catch (error) {
      promises.notCommitted(text);
      const fault = storageFault(error);
      return fault === 'storage-failed' ? unavailable(fault) : turnedAway(text, ballot, fault);
    } finally {
      pendingAccepts -= 1;
    }
  }

  /**
   * Deletes the row if it still is exactly that tombstone, and raises the floor to the key's promise in
   * the same transaction: without it an old message could bring the value back.
   */
  async function purge(key: RegisterKey, tombstone: Ballot): Promise<RegisterReply> {
    const text = registerKeyText(key);
    const row = store.read(key);
    if (
      view.regime()?.phase !== 'active' ||
      !view.mayPurge() ||
      row === undefined ||
      compareBallots(row.accepted, tombstone) !== 0 ||
      !isTombstone(row.value.head) ||
      promises.lastCommit(text) !== null
    )
      return { kind: 'kept' };
    const writes: RegisterWrite[] = [{ kind: 'delete', key }];
    if (!plants.has('purge-without-floor')) writes.push(floors.raise(key, promises.of(text, row.accepted)));
    try {
      await store.write(writes);
      return { kind: 'purged' };
    } catch (error) {
      return unavailable(storageFault(error));
    }
  }

  /**
   * The answer to an accept that found no room, or a fence. It is final, as a refusal is: no copy of the message
   * that comes later may be accepted, or the proposer would tell "nothing was changed" and be wrong.
   */
  function turnedAway(text: string, ballot: Ballot, reason: UnavailableReason): RegisterReply {
    promises.grant(text, { ...ballot, boot: ballot.boot + 1 });
    return unavailable(reason);
  }

  function storageFault(error: unknown): 'busy' | 'storage-full' | 'storage-failed' {
    if (error instanceof FailureError && error.failure.code === 'StorageFull') return 'storage-full';
    // The queue was full and nothing was queued: no fault of the disk.
    if (error instanceof FailureError && error.failure.code === 'Busy') return 'busy';
    if (!storageFailed) {
      storageFailed = true;
      logger.error({ error: String(error) }, 'The register store failed; this node stops answering for names.');
    }
    return 'storage-failed';
  }

  function handlePayload(from: string, payload: Uint8Array): Uint8Array | Promise<Uint8Array> {
    let request: RegisterRequest;
    try {
      request = decodeRequest(payload);
    } catch (error) {
      if (!(error instanceof MalformedBytes)) throw error;
      logger.warn({ from, error: error.message }, 'A peer sent a register message that cannot be read.');
      return encodeReply(unavailable('malformed'));
    }
    const reply = handle(from, request);
    return reply instanceof Promise ? reply.then(encodeReply) : encodeReply(reply);
  }

  return {
    handle,
    handlePayload,
    get promisesInMemory() {
      return promises.size;
    },
  };
}

/** Ring and hash that tell which replicas answer a request. */
function placeOf(request: RegisterRequest): [RingName, number] {
  if (request.kind === 'walk') return [request.range.ring, request.range.fromHash];
  return request.kind === 'scan' ? [request.range.ring, request.range.hash] : [request.key.ring, request.key.hash];
}

function unavailable(reason: UnavailableReason): RegisterReply {
  return { kind: 'unavailable', reason };
}

/** The longest start of `rows` that stays within `maxBytes`, at least one row. */
function rowsWithin(rows: readonly ScannedRegister[], maxBytes: number): readonly ScannedRegister[] {
  let bytes = 0;
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index] as ScannedRegister;
    bytes += row.key.length + row.head.length + 32;
    if (bytes > maxBytes && index > 0) return rows.slice(0, index);
  }
  return rows;
}
