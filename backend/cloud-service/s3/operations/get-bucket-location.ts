import type { Operation } from '../operation.ts';
import { ownBucket, xmlResponse } from '../operation.ts';
import { xmlDocument } from '../xml/write-xml.ts';

/** Empty means us-east-1, the one region here. */
export const getBucketLocation: Operation = async (context) => {
  const bucket = await ownBucket(context);
  return bucket.ok ? xmlResponse(xmlDocument('LocationConstraint', '')) : bucket;
};
