import { utf8 } from '../../base/bytes.ts';
import type { Outcome } from '../../base/outcome.ts';
import { failed, FailureError, success } from '../../base/outcome.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { fileRefusalSentence } from '../../contracts/file-refusal-texts.ts';
import type { BlobReference, ObjectRecord, PlacementPolicy } from '../../contracts/names.ts';
import type { ObjectsDeps } from './objects-deps.ts';
import { openBlob } from './read-blob.ts';
import { writeCopies } from './write-copies.ts';

/** More blobs than this are listed in a manifest blob: a record must stay under 64 KiB, and one entry takes up to 260 bytes. */
const blobsInRecord = 100;

export type ObjectContent = ObjectRecord['content'];

/** The blobs as a record's content; long lists go to a manifest blob first. */
export async function contentOf(
  deps: ObjectsDeps,
  policy: PlacementPolicy,
  blobs: readonly BlobReference[],
  owner: string,
): Promise<Outcome<ObjectContent>> {
  if (blobs.length <= blobsInRecord) return success({ kind: 'blobs', blobs: [...blobs] });
  const written = await writeManifest(deps, policy, blobs, owner);
  return written.ok ? success({ kind: 'manifest', manifest: written.value }) : written;
}

export function writeManifest(
  deps: ObjectsDeps,
  policy: PlacementPolicy,
  blobs: readonly BlobReference[],
  owner: string,
): Promise<Outcome<BlobReference>> {
  const text = utf8(JSON.stringify({ format: 1, blobs }));
  return writeCopies(deps, policy, oneChunk(text), { owner, sizeBytes: text.length });
}

/** Every blob with bytes of the object, in order; without the manifest itself. */
export async function blobsOf(deps: ObjectsDeps, content: ObjectContent): Promise<Outcome<readonly BlobReference[]>> {
  switch (content.kind) {
    case 'inline':
      return success([]);
    case 'blobs':
      return success(content.blobs);
    case 'manifest':
      return readManifest(deps, content.manifest);
  }
}

async function readManifest(deps: ObjectsDeps, manifest: BlobReference): Promise<Outcome<readonly BlobReference[]>> {
  const opened = await openBlob(deps, manifest, { start: 0, end: manifest.size }, {});
  if (!opened.ok) return opened;
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of opened.value) text += decoder.decode(chunk, { stream: true });
  } catch (error) {
    // Copies may fail at any of its pieces, not only at the first, which is here already.
    if (error instanceof FailureError) return failed(error.failure);
    throw error;
  }
  const parsed = JSON.parse(text) as { format?: unknown; blobs?: unknown };
  if (parsed.format !== 1 || !Array.isArray(parsed.blobs))
    return failed(
      spokenFailure('InternalError', fileRefusalSentence('otherManifest', { blob: manifest.id, format: String(parsed.format) })),
    );
  return success(parsed.blobs as BlobReference[]);
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function manifestOf(content: ObjectContent): readonly BlobReference[] {
  return content.kind === 'manifest' ? [content.manifest] : [];
}
