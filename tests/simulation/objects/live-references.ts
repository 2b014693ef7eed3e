import { utf8Text } from '../../../backend/base/bytes.ts';
import { decodeBucketSuffix } from '../../../backend/cloud-service/storage/object-key.ts';
import type { BlobReference, ObjectRecord, PartRecord, UploadRecord } from '../../../backend/contracts/names.ts';
import { compareBallots } from '../../../backend/register/ballot.ts';
import { registerKeyText } from '../../../backend/register/key-text.ts';
import { decodeRecord, type RegisterRecord } from '../../../backend/register/record.ts';
import type { RegisterKey, StoredRegister } from '../../../backend/register/register-store.ts';
import type { SimulatedNode } from '../simulated-node.ts';
import type { SimulatedRings } from '../simulated-view.ts';
import type { BlobDisk } from './simulated-blobs.ts';

export interface LiveReferencesDeps {
  readonly nodes: readonly Pick<SimulatedNode, 'id' | 'disk'>[];
  readonly rings: SimulatedRings;
  readonly disks: ReadonlyMap<string, BlobDisk>;
  /** Whether any replica has ever accepted a change with this operation id. */
  readonly hasTakenPlace: (operationId: string) => boolean;
  readonly violated: (text: string) => void;
}

/** Bytes that must be there, or all that are named at all: an upload that nobody finishes holds its bytes. */
type Which = 'needed' | 'allowed';

/** A register with every value that it may still have. */
interface Candidates {
  readonly key: RegisterKey;
  readonly records: readonly RegisterRecord[];
}

/**
 * Invariant 11 for bytes that go: no blob leaves a node while a record that may still count names it
 * there. A value may still count when some majority of the replicas holds nothing newer, so one that
 * only a minority has accepted counts too. What lies in a bucket that is gone does not.
 */
export class LiveReferences {
  readonly #deps: LiveReferencesDeps;

  constructor(deps: LiveReferencesDeps) {
    this.#deps = deps;
  }

  mustNotBeLive(nodeId: string, blobId: string): void {
    const all = this.#candidates((text) => text.includes(blobId));
    for (const { key, records } of all)
      for (const record of records)
        for (const blob of this.#referencesOf(key, record))
          if (blob.id === blobId && blob.nodes.includes(nodeId)) {
            this.#deps.violated(
              `node ${nodeId} removes blob ${blobId}, which ${JSON.stringify(registerKeyText(key))} names (version ${record.version})`,
            );
            return;
          }
  }

  /** Of every record that may still count and names the blob at `nodeId`: on how many other nodes it names a copy that is there and well. */
  copiesOf(blobId: string, nodeId: string): readonly number[] {
    const isWell = (id: string): boolean => {
      const disk = this.#deps.disks.get(id);
      return disk !== undefined && disk.blobs.has(blobId) && !disk.damaged.has(blobId) && !disk.condemned.has(blobId);
    };
    const copies: number[] = [];
    for (const { key, records } of this.#candidates((text) => text.includes(blobId)))
      for (const record of records)
        for (const blob of this.#referencesOf(key, record))
          if (blob.id === blobId && blob.nodes.includes(nodeId)) copies.push(blob.nodes.filter((id) => id !== nodeId && isWell(id)).length);
    return copies;
  }

  /** How what the disks hold differs from what the records name. Bytes of an upload that nobody finishes are looked after once it is an object: one copy will do until then. */
  difference(): string[] {
    const held = this.#held();
    const [needed, allowed] = [this.#named('needed'), this.#named('allowed')];
    const missing = [...needed].filter((copy) => !held.has(copy)).map((copy) => `the copy ${copy} is named but not there`);
    const surplus = [...held].filter((copy) => !allowed.has(copy)).map((copy) => `the copy ${copy} is there but not named`);
    return [...missing, ...surplus];
  }

  /** What still keeps `nodeId` from being removed: copies that lie there, or that a record names there. */
  leftAt(nodeId: string): string[] {
    const isThere = (copy: string): boolean => copy.startsWith(`${nodeId}/`);
    const named = [...this.#named('allowed')].filter(isThere).map((copy) => `the copy ${copy} is named though its node is leaving`);
    const stored = [...(this.#deps.disks.get(nodeId)?.blobs.keys() ?? [])].map(
      (id) => `node ${nodeId}, which is leaving, holds blob ${id}`,
    );
    return [...named, ...stored];
  }

  /** Registers of which some replica holds another ballot than the others, or nothing. */
  differingKeys(): readonly RegisterKey[] {
    const keys = new Map<string, RegisterKey>();
    for (const { disk } of this.#deps.nodes) for (const [text, { key }] of disk.rows) keys.set(text, key);
    return [...keys.values()].filter((key) => new Set(this.#rowsOf(key).map((row) => JSON.stringify(row?.accepted))).size > 1);
  }

  /** Copies that records name, as "node/blob". */
  #named(which: Which): ReadonlySet<string> {
    const named = new Set<string>();
    const held = this.#held();
    for (const { key, records } of this.#candidates(() => true))
      for (const record of records)
        for (const blob of this.#referencesOf(key, record, which)) {
          const copies = blob.nodes.map((nodeId) => `${nodeId}/${blob.id}`);
          const oneWillDo = which === 'needed' && decodeBucketSuffix(key.key)?.kind === 'upload' && copies.some((copy) => held.has(copy));
          if (!oneWillDo) for (const copy of copies) named.add(copy);
        }
    return named;
  }

  /** Good copies on the disks, as "node/blob". */
  #held(): ReadonlySet<string> {
    const held = new Set<string>();
    for (const [nodeId, disk] of this.#deps.disks)
      for (const id of disk.blobs.keys()) if (!disk.damaged.has(id)) held.add(`${nodeId}/${id}`);
    return held;
  }

  /** Rows of the object ring whose text `wanted` accepts on some replica, with what they may still be. */
  *#candidates(wanted: (text: string) => boolean): Generator<Candidates> {
    const seen = new Set<string>();
    for (const { disk } of this.#deps.nodes)
      for (const [text, row] of disk.rows) {
        if (row.key.ring !== 'object' || seen.has(text) || !wanted(utf8Text(row.value.head))) continue;
        seen.add(text);
        yield { key: row.key, records: this.#valuesOf(row.key) };
      }
  }

  /** The rows of a register at its replicas. */
  #rowsOf(key: RegisterKey): readonly (StoredRegister | undefined)[] {
    const text = registerKeyText(key);
    return this.#deps.rings.groupOf(key.hash).map((id) => this.#deps.nodes.find((node) => node.id === id)?.disk.rows.get(text));
  }

  #valuesOf(key: RegisterKey): readonly RegisterRecord[] {
    const rows = this.#rowsOf(key);
    const found = new Map<string, StoredRegister>();
    for (const [left, right] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const [a, b] = [rows[left], rows[right]];
      const highest = a === undefined ? b : b === undefined || compareBallots(a.accepted, b.accepted) >= 0 ? a : b;
      if (highest !== undefined) found.set(JSON.stringify(highest.accepted), highest);
    }
    return [...found.values()].map((row) => decodeRecord(row.value.head));
  }

  #referencesOf(key: RegisterKey, record: RegisterRecord, which: Which = 'needed'): readonly BlobReference[] {
    const decoded = decodeBucketSuffix(key.key);
    if (decoded === undefined || record.state === null || decoded.kind === 'marker') return [];
    const text = utf8Text(record.state);
    const { bucket } = JSON.parse(text) as { bucket?: string };
    if (bucket !== undefined && this.#isGone(bucket, decoded.bucketId)) return [];
    switch (decoded.kind) {
      case 'object':
        return contentBlobs((JSON.parse(text) as ObjectRecord).content);
      case 'upload': {
        const upload = JSON.parse(text) as UploadRecord;
        if (upload.state !== 'completing' || upload.completion?.content === undefined) return [];
        // Once the object was written it names the bytes, or what has replaced it does not.
        return which === 'needed' && this.#deps.hasTakenPlace(upload.uploadId) ? [] : contentBlobs(upload.completion.content);
      }
      case 'part':
        return which === 'allowed' || this.#mayBeCompleted(decoded.rest.slice(0, 32)) ? [(JSON.parse(text) as PartRecord).blob] : [];
    }
  }

  /** Whether the bucket was deleted for certain: nothing in it is seen, or named, ever again. */
  #isGone(name: string, bucketId: string): boolean {
    for (const { disk } of this.#deps.nodes)
      for (const { key } of disk.rows.values()) {
        if (key.ring !== 'container' || utf8Text(key.key) !== name) continue;
        return this.#valuesOf(key).every(({ state }) => state === null || (JSON.parse(utf8Text(state)) as { id: string }).id !== bucketId);
      }
    return true;
  }

  #mayBeCompleted(uploadId: string): boolean {
    for (const { key, records } of this.#candidates((text) => text.includes(uploadId))) {
      if (decodeBucketSuffix(key.key)?.kind !== 'upload') continue;
      for (const { state } of records) if (state !== null && (JSON.parse(utf8Text(state)) as UploadRecord).state === 'open') return true;
    }
    return false;
  }
}

function contentBlobs(content: ObjectRecord['content']): readonly BlobReference[] {
  if (content.kind === 'blobs') return content.blobs;
  return content.kind === 'manifest' ? [content.manifest] : [];
}
