import type { Outcome } from '../../../base/outcome.ts';
import { success } from '../../../base/outcome.ts';
import type { RequestTarget } from '../http/parse-target.ts';
import { parameter } from '../http/parse-target.ts';
import { s3Failed } from '../s3-errors.ts';

export function uploadAddress(target: RequestTarget): { key: string; uploadId: string } {
  return { key: target.key, uploadId: parameter(target, 'uploadId') ?? '' };
}

export function partNumberOf(target: RequestTarget): Outcome<number> {
  const text = parameter(target, 'partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number < 1 || number > 10_000)
    return s3Failed('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive', {
      ArgumentName: 'partNumber',
      ArgumentValue: text,
    });
  return success(number);
}
