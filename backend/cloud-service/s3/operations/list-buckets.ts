import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { RequestTarget } from '../http/parse-target.ts';
import { parameter } from '../http/parse-target.ts';
import type { Operation } from '../operation.ts';
import { xmlResponse } from '../operation.ts';
import { s3Failed } from '../s3-errors.ts';
import { element, xmlDocument } from '../xml/write-xml.ts';

const largestPage = 10_000;

/** The caller's buckets in order of name; the continuation token is the last name. */
export const listBuckets: Operation = async ({ deps, target, verified }) => {
  const limit = readMaximum(target);
  if (!limit.ok) return limit;
  const prefix = parameter(target, 'prefix');
  const after = parameter(target, 'continuation-token') ?? '';
  const { accountId, accountName } = verified.accessKey;
  const buckets = await deps.names.buckets.listOf(accountName);
  if (!buckets.ok) return buckets;
  const wanted = buckets.value.filter((bucket) => bucket.name > after && bucket.name.startsWith(prefix ?? ''));
  const page = wanted.sort((left, right) => (left.name < right.name ? -1 : 1)).slice(0, limit.value);
  const rows = page.map(
    (bucket) => `<Bucket>${element('Name', bucket.name)}${element('CreationDate', new Date(bucket.createdAtMs).toISOString())}</Bucket>`,
  );
  const next = page.length < wanted.length ? page.at(-1)?.name : undefined;
  return xmlResponse(
    xmlDocument(
      'ListAllMyBucketsResult',
      `<Owner>${element('ID', accountId)}${element('DisplayName', accountName)}</Owner><Buckets>${rows.join('')}</Buckets>` +
        element('ContinuationToken', next) +
        element('Prefix', prefix),
    ),
  );
};

function readMaximum(target: RequestTarget): Outcome<number> {
  const text = parameter(target, 'max-buckets');
  if (text === undefined) return success(largestPage);
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > largestPage)
    return s3Failed('InvalidArgument', `Argument max-buckets must be an integer between 1 and ${largestPage}`, {
      ArgumentName: 'max-buckets',
      ArgumentValue: text,
    });
  return success(number);
}
