import type { HttpRequest } from '../../base/http-port.ts';
import type { Outcome } from '../../base/outcome.ts';
import { success } from '../../base/outcome.ts';
import type { RequestTarget } from './http/parse-target.ts';
import { parameter } from './http/parse-target.ts';
import { notOffered } from './not-offered.ts';
import type { Operation } from './operation.ts';
import { abortMultipartUpload } from './operations/abort-multipart-upload.ts';
import { completeMultipartUpload } from './operations/complete-multipart-upload.ts';
import { copyObject } from './operations/copy-object.ts';
import { createBucket } from './operations/create-bucket.ts';
import { createMultipartUpload } from './operations/create-multipart-upload.ts';
import { deleteBucket } from './operations/delete-bucket.ts';
import { deleteObject } from './operations/delete-object.ts';
import { deleteObjects } from './operations/delete-objects.ts';
import { getBucketLocation } from './operations/get-bucket-location.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { headBucket } from './operations/head-bucket.ts';
import { listBuckets } from './operations/list-buckets.ts';
import { listMultipartUploads } from './operations/list-multipart-uploads.ts';
import { listObjects, listObjectsV2 } from './operations/list-objects.ts';
import { listParts } from './operations/list-parts.ts';
import { putObject } from './operations/put-object.ts';
import { uploadPart } from './operations/upload-part.ts';
import { uploadPartCopy } from './operations/upload-part-copy.ts';
import { s3Failed } from './s3-errors.ts';

/** Which operation a request asks for, by method, path and sub-resource. `writes`: whether it changes anything. */
export interface Route {
  readonly operation: Operation;
  readonly writes: boolean;
}

const maximumKeyBytes = 1024;

export function routeOf(request: HttpRequest, target: RequestTarget): Outcome<Route> {
  const { method } = request;
  if (target.bucket === '') return target.rawPath === '/' && method === 'GET' ? success(read(listBuckets)) : methodNotAllowed(method);
  const isObject = target.key !== '';
  const missing = notOffered(method, isObject, target.query);
  if (missing !== undefined)
    return s3Failed('NotImplemented', `${missing} is not implemented by this version of MCOS.`, { Operation: missing });
  if (!isObject) return bucketRoute(method, target);
  if (Buffer.byteLength(target.key) > maximumKeyBytes)
    return s3Failed('KeyTooLongError', 'Your key is too long', { Size: Buffer.byteLength(target.key), MaxSizeAllowed: maximumKeyBytes });
  return objectRoute(request, target);
}

function bucketRoute(method: string, target: RequestTarget): Outcome<Route> {
  const has = (name: string): boolean => parameter(target, name) !== undefined;
  switch (method) {
    case 'GET':
      if (has('location')) return success(read(getBucketLocation));
      if (has('uploads')) return success(read(listMultipartUploads));
      return success(read(parameter(target, 'list-type') === '2' ? listObjectsV2 : listObjects));
    case 'HEAD':
      return success(read(headBucket));
    case 'PUT':
      return isPlain(target) ? success(write(createBucket)) : methodNotAllowed(method);
    case 'DELETE':
      return isPlain(target) ? success(write(deleteBucket)) : methodNotAllowed(method);
    case 'POST':
      if (has('delete')) return success(write(deleteObjects));
      return s3Failed('NotImplemented', 'PostObject (uploads by HTML form) is not implemented by this version of MCOS.', {
        Operation: 'PostObject',
      });
    default:
      return methodNotAllowed(method);
  }
}

/** Not one of the sub-resources that take other methods only. */
function isPlain(target: RequestTarget): boolean {
  return !['delete', 'location', 'uploads'].some((name) => parameter(target, name) !== undefined);
}

function methodNotAllowed(method: string): Outcome<never> {
  return s3Failed('MethodNotAllowed', 'The specified method is not allowed against this resource.', { Method: method });
}

function objectRoute(request: HttpRequest, target: RequestTarget): Outcome<Route> {
  const hasUpload = parameter(target, 'uploadId') !== undefined;
  const isCopy = request.headers['x-amz-copy-source'] !== undefined;
  switch (request.method) {
    case 'GET':
      return success(read(hasUpload ? listParts : getObject));
    case 'HEAD':
      return success(read(headObject));
    case 'PUT':
      if (isStrayPart(target, hasUpload)) return strayPart();
      if (hasUpload) return success(write(isCopy ? uploadPartCopy : uploadPart));
      return success(write(isCopy ? copyObject : putObject));
    case 'POST':
      if (parameter(target, 'uploads') !== undefined) return success(write(createMultipartUpload));
      if (hasUpload) return success(write(completeMultipartUpload));
      return methodNotAllowed('POST');
    case 'DELETE':
      if (isStrayPart(target, hasUpload)) return strayPart();
      return success(write(hasUpload ? abortMultipartUpload : deleteObject));
    default:
      return methodNotAllowed(request.method);
  }
}

/** A request that lost half of its address: taken for one of the whole object it would destroy that. */
function isStrayPart(target: RequestTarget, hasUpload: boolean): boolean {
  return !hasUpload && (parameter(target, 'partNumber') !== undefined || parameter(target, 'uploads') !== undefined);
}

function strayPart(): Outcome<never> {
  return s3Failed('InvalidArgument', 'This operation does not accept partNumber or uploads without uploadId', { ArgumentName: 'uploadId' });
}

function read(operation: Operation): Route {
  return { operation, writes: false };
}

function write(operation: Operation): Route {
  return { operation, writes: true };
}
