import type { Operation } from '../operation.ts';
import { xmlResponse } from '../operation.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';

export const listBuckets: Operation = async ({ deps, verified }) => {
  const { accountId, accountName } = verified.accessKey;
  const buckets = await deps.names.buckets.listOf(accountName);
  if (!buckets.ok) return buckets;
  const sorted = [...buckets.value].sort((left, right) => (left.name < right.name ? -1 : 1));
  const rows = sorted.map(
    (bucket) => `<Bucket>${element('Name', bucket.name)}${element('CreationDate', new Date(bucket.createdAtMs).toISOString())}</Bucket>`,
  );
  return xmlResponse(
    xmlDocument(
      'ListAllMyBucketsResult',
      `<Owner>${element('ID', accountId)}${element('DisplayName', accountName)}</Owner><Buckets>${rows.join('')}</Buckets>`,
    ),
  );
};
