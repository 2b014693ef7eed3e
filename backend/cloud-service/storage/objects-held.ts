import type { BlobStore } from '../../base/blob-store.ts';
import { fromHex, toHex, utf8Text } from '../../base/bytes.ts';
import { failed, success, type Outcome } from '../../base/outcome.ts';
import { ringNames, type RingName } from '../../contracts/ids.ts';
import type { HeldBlob, HeldName, ObjectsHeldAnswer, ObjectsHeldRequest } from '../../contracts/cluster-messages.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { nameRefusalSentence } from '../../contracts/name-refusal-texts.ts';
import type { RegisterStore, RowPosition } from '../../register/register-store.ts';
import { describeHeldName } from './held-name.ts';

export interface ObjectsHeldDeps {
  readonly registers: RegisterStore;
  readonly blobs: BlobStore;
  /** Partition of a hash in the current rings; 0 before the first epoch. */
  readonly partitionOf: (ring: RingName, hash: number) => number;
}

/** The list of objects held on this node's disk, names and blobs, page by page. */
export interface ObjectsHeld {
  page(request: ObjectsHeldRequest): Promise<Outcome<ObjectsHeldAnswer>>;
}

const highestHash = 0xffff_ffff;
/** Rows read at once while a prefix filters them. */
const rowsPerRead = 500;
/** A filtered page ends early rather than walk the whole store in one call. */
const mostReadsPerPage = 20;

export function createObjectsHeld(deps: ObjectsHeldDeps): ObjectsHeld {
  return {
    page: async (request) => (request.kind === 'blobs' ? success(await blobPage(deps, request)) : namePage(deps, request)),
  };
}

async function blobPage(deps: ObjectsHeldDeps, request: ObjectsHeldRequest): Promise<ObjectsHeldAnswer> {
  const found = await deps.blobs.list({ ...(request.after === undefined ? {} : { after: request.after }), limit: request.limit });
  const blobs: HeldBlob[] = found
    .filter((blob) => request.prefix === undefined || blob.id.startsWith(request.prefix))
    .map(({ id, size }) => ({ id, size }));
  const last = found.at(-1);
  return { names: [], blobs, next: found.length === request.limit && last !== undefined ? last.id : null };
}

function namePage(deps: ObjectsHeldDeps, request: ObjectsHeldRequest): Outcome<ObjectsHeldAnswer> {
  let position: Position | undefined = firstPosition;
  if (request.after !== undefined) {
    position = decodePosition(request.after);
    if (position === undefined)
      return failed(spokenFailure('InvalidArgument', nameRefusalSentence('noSuchPlace', { after: request.after.slice(0, 80) })));
  }
  const bucketNames = createBucketNameLookup(deps.registers);
  const names: HeldName[] = [];
  for (let reads = 0; reads < mostReadsPerPage; reads++) {
    const limit = Math.min(rowsPerRead, request.limit - names.length);
    const rows = deps.registers.walk({
      ring: position.ring,
      fromHash: position.after?.hash ?? 0,
      toHash: highestHash,
      ...(position.after === undefined ? {} : { after: position.after }),
      limit,
    });
    for (const row of rows) {
      const name = describeHeldName(row, deps.partitionOf(row.key.ring, row.key.hash), bucketNames);
      if (request.prefix === undefined || beginsWith(name, request.prefix)) names.push(name);
    }
    const last = rows.at(-1);
    const next: Position | undefined =
      rows.length === limit && last !== undefined ? { ring: position.ring, after: last.key } : nextRing(position.ring);
    if (next === undefined) return success({ names, blobs: [], next: null });
    position = next;
    if (names.length >= request.limit) break;
  }
  return success({ names, blobs: [], next: encodePosition(position) });
}

/** By its name, or by the id of its bucket: whether the bucket's name is known here is chance. */
function beginsWith({ name, bucketId, key }: HeldName, prefix: string): boolean {
  return name.startsWith(prefix) || (bucketId !== undefined && key !== undefined && `${bucketId}/${key}`.startsWith(prefix));
}

interface Position {
  readonly ring: RingName;
  readonly after?: RowPosition;
}

const firstPosition: Position = { ring: ringNames[0] };

function nextRing(ring: RingName): Position | undefined {
  const next = ringNames[ringNames.indexOf(ring) + 1];
  return next === undefined ? undefined : { ring: next };
}

function encodePosition(position: Position): string {
  return position.after === undefined ? position.ring : `${position.ring}:${position.after.hash}:${toHex(position.after.key)}`;
}

function decodePosition(text: string): Position | undefined {
  const [ringText, hashText, keyText] = text.split(':');
  const ring = ringNames.find((name) => name === ringText);
  if (ring === undefined) return undefined;
  if (hashText === undefined) return { ring };
  const hash = Number(hashText);
  const key = fromHex(keyText ?? '');
  if (!Number.isInteger(hash) || hash < 0 || hash > highestHash || key === undefined) return undefined;
  return { ring, after: { ring, hash, key } };
}

/** Names of buckets whose register happens to be here: by id, read once a page. */
function createBucketNameLookup(registers: RegisterStore): (bucketId: string) => string | undefined {
  let names: Map<string, string> | undefined;
  return (bucketId) => {
    names ??= readBucketNames(registers);
    return names.get(bucketId);
  };
}

function readBucketNames(registers: RegisterStore): Map<string, string> {
  const names = new Map<string, string>();
  const rows = registers.walk({ ring: 'container', fromHash: 0, toHash: highestHash, limit: 10_000 });
  for (const row of rows) {
    const held = describeHeldName(row, 0, () => undefined);
    if (held.bucketId !== undefined) names.set(held.bucketId, utf8Text(row.key.key));
  }
  return names;
}
