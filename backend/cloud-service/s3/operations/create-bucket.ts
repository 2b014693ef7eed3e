import { isBucketName } from '../../../contracts/bucket-name.ts';
import { readWholeBody } from '../http/request-body.ts';
import type { Operation } from '../operation.ts';
import { emptyResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { childText, readXml } from '../xml/read-xml.ts';

const bodyLimitBytes = 64 * 1024;

export const createBucket: Operation = async ({ deps, request, target, verified }) => {
  if (!isBucketName(target.bucket))
    return s3Failed('InvalidBucketName', 'The specified bucket is not valid.', { BucketName: target.bucket });
  const body = await readWholeBody(request, verified, bodyLimitBytes);
  if (!body.ok) return body;
  if (body.value.length > 0) {
    const configuration = readXml(body.value, 'CreateBucketConfiguration');
    if (!configuration.ok) return configuration;
    const location = childText(configuration.value, 'LocationConstraint')?.trim();
    if (location !== undefined && location !== '' && location !== deps.region)
      return s3Failed('InvalidLocationConstraint', 'The specified location-constraint is not valid', { LocationConstraint: location });
  }
  const { accountId, accountName } = verified.accessKey;
  const created = await deps.names.buckets.create({ id: accountId, name: accountName }, target.bucket);
  return created.ok ? emptyResponse(200, { location: `/${target.bucket}` }) : created;
};
