import type { BucketRecord } from '../../../contracts/names.ts';
import { readWholeBody } from '../http/request-body.ts';
import { unquote } from '../http/conditions.ts';
import type { Operation, OperationContext } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { s3Failed, toS3Error } from '../s3-errors.ts';
import { childText, children, malformed, readXml } from '../xml/read-xml.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';

const maximumKeys = 1000;
/** 1,000 keys of 1,024 bytes, each byte written as a reference, still fit. */
const maximumBodyBytes = 8 * 1024 * 1024;
const maximumKeyBytes = 1024;
const parallel = 16;

interface Deletion {
  readonly key: string;
  readonly etag: string | undefined;
  /** Asks for more than a key and an ETag: taken for less it would delete what was not meant. */
  readonly notOffered: string | undefined;
}

const notOfferedElements = ['VersionId', 'LastModifiedTime', 'Size'];

/** Deletes up to 1,000 keys; each has its own result. */
export const deleteObjects: Operation = async (context) => {
  const { request, verified } = context;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const covered =
    request.headers['content-md5'] !== undefined ||
    Object.keys(request.headers).some((name) => name.startsWith('x-amz-checksum-') || name === 'x-amz-trailer') ||
    verified.payload.length === 64;
  if (!covered) return s3Failed('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
  const body = await readWholeBody(request, verified, maximumBodyBytes);
  if (!body.ok) return body;
  const root = readXml(body.value, 'Delete');
  if (!root.ok) return root;
  const deletions: Deletion[] = [];
  for (const object of children(root.value, 'Object')) {
    const key = childText(object, 'Key');
    if (key === undefined || key === '') return malformed();
    const etag = childText(object, 'ETag');
    const notOffered = notOfferedElements.find((name) => object[name] !== undefined);
    deletions.push({ key, etag: etag === undefined ? undefined : unquote(etag), notOffered });
  }
  if (deletions.length === 0 || deletions.length > maximumKeys) return malformed();
  const quiet = childText(root.value, 'Quiet')?.trim() === 'true';
  const results = await inParallel(deletions, (deletion) => deleteOne(context, bucket.value, deletion, quiet));
  return xmlResponse(xmlDocument('DeleteResult', results.join('')));
};

async function deleteOne(context: OperationContext, bucket: BucketRecord, deletion: Deletion, quiet: boolean): Promise<string> {
  const refused = refusalOf(deletion);
  const removed =
    refused ??
    (await context.deps.objects.remove(
      bucket,
      deletion.key,
      deletion.etag === undefined ? undefined : { kind: 'etag', etags: [deletion.etag] },
    ));
  if (removed.ok) return quiet ? '' : `<Deleted>${element('Key', deletion.key)}</Deleted>`;
  const error = toS3Error(removed.failure);
  return `<Error>${element('Key', deletion.key)}${element('Code', error.code)}${element('Message', error.message)}</Error>`;
}

function refusalOf(deletion: Deletion): ReturnType<typeof s3Failed> | undefined {
  if (deletion.notOffered !== undefined)
    return s3Failed('NotImplemented', `Deleting by ${deletion.notOffered} is not implemented by this version of MCOS.`);
  return Buffer.byteLength(deletion.key) > maximumKeyBytes ? s3Failed('KeyTooLongError', 'Your key is too long') : undefined;
}

/** Results in the order of the items; at most `parallel` run at once. */
async function inParallel<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index] as T);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
  return results;
}
