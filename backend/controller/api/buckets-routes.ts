import Type from 'typebox';
import { BucketRequest, QuotaRequest } from '../../contracts/admin-api.ts';
import { failed } from '../../base/outcome.ts';
import { BucketContents, BucketView } from '../../contracts/cluster-messages.ts';
import { spokenFailure } from '../../contracts/errors.ts';
import { refusalSentence } from '../../contracts/refusal-texts.ts';
import type { ConsoleApp, ConsoleContext } from './console-app.ts';
import { answer, audited, noContent } from './console-app.ts';
import { member, nothing } from './users-routes.ts';

const ByName = Type.Object({ name: Type.String({ maxLength: 63 }) });

export function bucketsRoutes(app: ConsoleApp, context: ConsoleContext): void {
  const { accounts } = context;
  const tags = ['buckets'];

  app.get('/buckets', { schema: { tags, response: { 200: Type.Array(BucketView) } } }, async (_request, reply) =>
    answer(reply, await accounts.listBuckets()),
  );

  app.post('/buckets', { schema: { tags, body: BucketRequest, response: { 201: BucketView } } }, async (request, reply) => {
    const { name, owner } = request.body;
    const outcome = await accounts.run({ kind: 'create-bucket', owner, bucket: name });
    audited(context, request, 'bucket.create', name, outcome);
    // An administrator makes it for somebody: "you own it already" would be said of the wrong one.
    const said =
      !outcome.ok && outcome.failure.code === 'BucketOwned'
        ? failed(spokenFailure('BucketOwned', refusalSentence('bucketOfOwner', { name, owner })))
        : outcome;
    return answer(reply, member(said, 'bucket'), 201);
  });

  app.get('/buckets/:name', { schema: { tags, params: ByName, response: { 200: BucketView } } }, async (request, reply) =>
    answer(reply, member(await accounts.run({ kind: 'show-bucket', bucket: request.params.name }), 'bucket')),
  );

  app.get(
    '/buckets/:name/contents',
    {
      schema: {
        tags,
        params: ByName,
        querystring: Type.Object({ after: Type.Optional(Type.String({ maxLength: 1024 })) }),
        response: { 200: BucketContents },
      },
    },
    async (request, reply) => {
      const { after } = request.query;
      const command = { kind: 'count-bucket', bucket: request.params.name, ...(after === undefined ? {} : { after }) } as const;
      return answer(reply, member(await accounts.run(command), 'contents'));
    },
  );

  app.put(
    '/buckets/:name/quota',
    { schema: { tags, params: ByName, body: QuotaRequest, response: { 200: BucketView } } },
    async (request, reply) => {
      const { quotaBytes } = request.body;
      const outcome = await accounts.run({ kind: 'set-bucket-quota', bucket: request.params.name, quotaBytes });
      audited(context, request, 'bucket.quota', request.params.name, outcome);
      return answer(reply, member(outcome, 'bucket'));
    },
  );

  app.delete('/buckets/:name', { schema: { tags, params: ByName, response: { 204: noContent } } }, async (request, reply) => {
    const outcome = await accounts.run({ kind: 'remove-bucket', bucket: request.params.name });
    audited(context, request, 'bucket.remove', request.params.name, outcome);
    return answer(reply, nothing(outcome));
  });
}
