import type { HttpResponse } from '../../../base/http-port.ts';
import type { Outcome } from '../../../base/outcome.ts';
import { failed, success } from '../../../base/outcome.ts';
import { failure } from '../../../contracts/errors.ts';
import type { ObjectRecord } from '../../../contracts/names.ts';
import { WholeBytes } from '../../objects/whole-bytes.ts';
import { checkReadConditions } from '../http/conditions.ts';
import { checkOverrides, httpDate, objectHeaders } from '../http/object-headers.ts';
import { parameter } from '../http/parse-target.ts';
import { parseRange } from '../http/range.ts';
import type { Operation, OperationContext } from '../operation.ts';
import { ownBucket } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';

interface Selection {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
  readonly partsCount: number | undefined;
}

export const getObject: Operation = async (context) => {
  const { request, target, deps } = context;
  const overrides = checkOverrides(target);
  if (!overrides.ok) return overrides;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  let selection: Selection | undefined;
  const opened = await deps.objects.get(
    bucket.value,
    target.key,
    (record) => {
      const selected = selectBytes(context, record);
      if (selected.ok) selection = selected.value;
      return selected;
    },
    { signal: request.signal },
  );
  if (!opened.ok) return opened;
  const { record, content } = opened.value;
  if (!selection) return failed(failure('InternalError', 'No bytes were selected.'));
  return success({ ...headOf(context, record, selection), body: content instanceof WholeBytes ? content.bytes : content });
};

export const headObject: Operation = async (context) => {
  const { target, deps } = context;
  const overrides = checkOverrides(target);
  if (!overrides.ok) return overrides;
  const bucket = await ownBucket(context);
  if (!bucket.ok) return bucket;
  const record =
    parameter(target, 'partNumber') === undefined
      ? await deps.objects.head(bucket.value, target.key)
      : await recordWithParts(context, bucket.value);
  if (!record.ok) return record;
  const selected = selectBytes(context, record.value);
  return selected.ok ? success(headOf(context, record.value, selected.value)) : selected;
};

/** Sizes of parts may be in a manifest, which only a read of the content opens; nothing of it is sent. */
async function recordWithParts(
  context: OperationContext,
  bucket: Parameters<OperationContext['deps']['objects']['get']>[0],
): Promise<Outcome<ObjectRecord>> {
  const opened = await context.deps.objects.get(bucket, context.target.key, () => success({ start: 0, end: 0 }));
  return opened.ok ? success(opened.value.record) : opened;
}

function selectBytes(context: OperationContext, record: ObjectRecord): Outcome<Selection> {
  const { request, target } = context;
  const allowed = checkReadConditions(request.headers, record);
  if (!allowed.ok) {
    if (allowed.failure.code !== 'NotModified') return allowed;
    return failed({ ...allowed.failure, details: { etag: `"${record.etag}"`, lastModified: httpDate(record.lastModifiedMs) } });
  }
  const partNumber = parameter(target, 'partNumber');
  if (partNumber !== undefined) return selectPart(record, partNumber, request.headers['range']);
  const range = ifRangeHolds(request.headers['if-range'], record)
    ? parseRange(request.headers['range'], record.size)
    : { kind: 'whole' as const };
  switch (range.kind) {
    case 'whole':
      return success({ start: 0, end: record.size, partial: false, partsCount: undefined });
    case 'part':
      return success({ start: range.start, end: range.end, partial: true, partsCount: undefined });
    case 'unsatisfiable':
      return s3Failed('InvalidRange', 'The requested range is not satisfiable', {
        RangeRequested: request.headers['range'] ?? '',
        ActualObjectSize: record.size,
        contentRange: `bytes */${record.size}`,
      });
  }
}

function ifRangeHolds(ifRange: string | undefined, record: ObjectRecord): boolean {
  return ifRange === undefined || ifRange === `"${record.etag}"` || ifRange === httpDate(record.lastModifiedMs);
}

function selectPart(record: ObjectRecord, text: string, range: string | undefined): Outcome<Selection> {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 10_000)
    return s3Failed('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', {
      ArgumentName: 'partNumber',
      ArgumentValue: text,
    });
  if (range !== undefined) return s3Failed('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  const sizes = record.partSizes ?? [record.size];
  const size = sizes[number - 1];
  if (size === undefined)
    return s3Failed('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      PartNumberRequested: number,
      ActualPartCount: sizes.length,
    });
  let start = 0;
  for (const before of sizes.slice(0, number - 1)) start += before;
  return success({ start, end: start + size, partial: size > 0, partsCount: record.partSizes ? sizes.length : undefined });
}

function headOf(context: OperationContext, record: ObjectRecord, selection: Selection): HttpResponse {
  const headers = objectHeaders(context.request, context.target, record, !selection.partial);
  headers['content-length'] = selection.end - selection.start;
  if (selection.partial) headers['content-range'] = `bytes ${selection.start}-${selection.end - 1}/${record.size}`;
  if (selection.partsCount !== undefined) headers['x-amz-mp-parts-count'] = selection.partsCount;
  return { status: selection.partial ? 206 : 200, headers };
}
